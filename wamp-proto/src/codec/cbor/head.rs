//! The first bytes of a value: its major type and an argument.

use super::super::DecodeError;
use super::super::cursor::Cursor;
use super::super::header::Header;

/// The first bytes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) major: u8,
    /// The lower five bits of the first byte: the argument, or how long it is.
    pub(super) info: u8,
    /// `None` for an indefinite length, and for the end of such.
    pub(super) argument: Option<u64>,
}

impl Head {
    #[inline]
    pub(super) fn read(input: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let first = input.byte()?;
        let info = first & 0x1f;
        let argument = match info {
            0..=23 => Some(info.into()),
            24 => Some(input.byte()?.into()),
            25 => Some(u16::from_be_bytes(input.array()?).into()),
            26 => Some(u32::from_be_bytes(input.array()?).into()),
            27 => Some(u64::from_be_bytes(input.array()?)),
            31 => None,
            _ => return Err(input.error("reserved CBOR length")),
        };
        Ok(Self {
            major: first >> 5,
            info,
            argument,
        })
    }

    /// The argument where an indefinite length makes no sense.
    #[inline]
    pub(super) fn definite(self, input: &Cursor<'_>) -> Result<u64, DecodeError> {
        self.argument
            .ok_or_else(|| input.error("indefinite length where CBOR has none"))
    }
}

/// As few bytes as possible.
#[inline]
pub(super) fn head(major: u8, argument: u64) -> Header {
    let first = major << 5;
    if let Ok(argument) = u8::try_from(argument) {
        if argument < 24 {
            Header::new(first | argument, [])
        } else {
            Header::new(first | 24, [argument])
        }
    } else if let Ok(argument) = u16::try_from(argument) {
        Header::new(first | 25, argument.to_be_bytes())
    } else if let Ok(argument) = u32::try_from(argument) {
        Header::new(first | 26, argument.to_be_bytes())
    } else {
        Header::new(first | 27, argument.to_be_bytes())
    }
}
