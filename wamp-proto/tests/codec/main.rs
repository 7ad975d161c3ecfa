//! The serializers: their rules as tables, and everything else against the libraries that most people use.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are outside of `#[test]` functions"
)]

mod arguments;
mod binary_formats;
mod depth;
mod json;
mod oracle;
mod payload;
mod serde_rules;
mod subprotocol;
mod transcode;
mod types;
mod value;

use bytes::BytesMut;
use serde::Serialize;
use wamp_proto::codec::{DecodeError, Format, Read, Token, to_bytes};

const FORMATS: [Format; 3] = [Format::Json, Format::MsgPack, Format::Cbor];

fn encode<T: Serialize + ?Sized>(format: Format, value: &T) -> BytesMut {
    let mut out = BytesMut::new();
    to_bytes(format, value, &mut out).unwrap();
    out
}

/// The bytes as one value, passed over at once.
fn skip(format: Format, raw: &[u8]) -> Result<&[u8], DecodeError> {
    let mut reader = format.reader(raw);
    let value = reader.value()?;
    reader.finish()?;
    Ok(value)
}

/// The bytes as one value, token by token.
fn walk(format: Format, raw: &[u8]) -> Result<Vec<Token<'_>>, DecodeError> {
    let mut reader = format.reader(raw);
    let mut tokens = Vec::new();
    let mut depth = 0;
    loop {
        let token = reader.next()?;
        match token {
            Token::Seq(_) | Token::Map(_) => depth += 1,
            Token::End => depth -= 1,
            _ => {}
        }
        let tag = matches!(token, Token::Tag(_));
        tokens.push(token);
        if depth == 0 && !tag {
            reader.finish()?;
            return Ok(tokens);
        }
    }
}

/// Bytes from text such as `"82 01 a3"`.
fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}
