//! CBOR as tokens (RFC 8949).

mod head;
mod read;
mod write;

pub use read::CborReader;
pub use write::CborWriter;

/// The upper three bits of the first byte of each value.
mod major {
    pub(super) const UNSIGNED: u8 = 0;
    pub(super) const NEGATIVE: u8 = 1;
    pub(super) const BYTES: u8 = 2;
    pub(super) const TEXT: u8 = 3;
    pub(super) const LIST: u8 = 4;
    pub(super) const MAP: u8 = 5;
    pub(super) const TAG: u8 = 6;
    /// Floats and simple values.
    pub(super) const OTHER: u8 = 7;
}

/// Arguments of major type 7.
mod simple {
    pub(super) const FALSE: u8 = 20;
    pub(super) const TRUE: u8 = 21;
    pub(super) const NULL: u8 = 22;
    pub(super) const UNDEFINED: u8 = 23;
    /// What follows is a float of two, four or eight bytes.
    pub(super) const F16: u8 = 25;
    pub(super) const F32: u8 = 26;
    pub(super) const F64: u8 = 27;
}

/// The tags of integers beyond 64 bits.
mod tag {
    pub(super) const BIG_POSITIVE: u64 = 2;
    pub(super) const BIG_NEGATIVE: u64 = 3;
}

/// Ends what was begun without a length.
const BREAK: u8 = 0xff;
const NULL: u8 = major::OTHER << 5 | simple::NULL;
const UNDEFINED: u8 = major::OTHER << 5 | simple::UNDEFINED;
