//! Arguments: from the command line to the router, and back to people and machines.
//!
//! All of them are kept as the JSON that they were written in, or are told in, so that big integers, the order of keys and binary data
//! arrive as they are.
//!
//! - [`word`]: one value as it was typed. [`arguments`]: all values of a command line.
//! - [`shown`]: what has come, in JSON. [`mod@pretty`]: the same for people. `lenient`: what JSON cannot say.

mod arguments;
mod lenient;
mod pretty;
mod shown;
mod word;

pub(crate) use arguments::Arguments;
pub(crate) use pretty::{pretty, printable};
pub(crate) use shown::{Shown, details};
pub(crate) use word::{Inputs, Word, json_or_text, pair};
