//! JSON as tokens (RFC 8259).

mod number;
mod read;
mod scan;
mod skip;
mod split;
mod string;
mod write;

pub use read::JsonReader;
pub(crate) use scan::plain_len;
pub(crate) use skip::value_in_list;
pub(crate) use split::JsonParts;
pub use write::JsonWriter;

/// What may stand next, for reader and writer alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    /// A value without a separator before it: the whole document, or the value of a key.
    Value,
    /// The first element or key of the innermost container, or its end.
    First,
    /// A comma and an element or key, or the end of the innermost container.
    Next,
    /// Nothing: the document is complete.
    Nothing,
}
