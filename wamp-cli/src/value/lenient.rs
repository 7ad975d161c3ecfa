//! JSON for people: what JSON cannot say is told as well as it can.

use bytes::BytesMut;
use wamp_client::proto::codec::{
    DecodeError, Format, Read as _, Reader, Token, TranscodeError, Write as _, Writer, transcode,
};

/// One value in JSON, without spaces, and without control characters that a terminal might obey. NaN and infinities are null there, keys
/// that are not strings their text, and tags are left out.
pub(crate) fn json_of(format: Format, raw: &[u8]) -> String {
    let mut json = BytesMut::new();
    if transcode(format, raw, Format::Json, &mut json).is_err() {
        json.clear();
        let mut reader = format.reader(raw);
        let mut writer = Format::Json.writer(&mut json);
        let written = next_value(&mut reader, &mut writer);
        drop(writer);
        if let Err(error) = written {
            tracing::warn!(%error, "a value cannot be shown");
            return "null".to_owned();
        }
    }
    calm(&String::from_utf8_lossy(&json))
}

fn next_value(reader: &mut Reader<'_>, writer: &mut Writer<'_>) -> Result<(), TranscodeError> {
    let token = reader.next()?;
    value(token, reader, writer)
}

/// It calls itself once for each level of nesting, which the reader has limited.
fn value<'de>(
    mut token: Token<'de>,
    reader: &mut Reader<'de>,
    writer: &mut Writer<'_>,
) -> Result<(), TranscodeError> {
    while let Token::Tag(_) = token {
        token = reader.next()?;
    }
    match token {
        Token::Bool(value) => writer.bool(value)?,
        Token::U64(value) => writer.u64(value)?,
        Token::I64(value) => writer.i64(value)?,
        Token::BigInt {
            negative,
            magnitude,
        } => writer.big_int(negative, &magnitude)?,
        Token::F64(value) if value.is_finite() => writer.f64(value)?,
        Token::Null | Token::Simple(_) | Token::F64(_) => writer.null()?,
        Token::Str(text) => writer.str(&text)?,
        Token::Bytes(data) | Token::Ext(_, data) => writer.bytes(&data)?,
        Token::Seq(length) => {
            writer.seq(length)?;
            loop {
                match reader.next()? {
                    Token::End => break,
                    token => value(token, reader, writer)?,
                }
            }
            writer.end()?;
        }
        Token::Map(length) => {
            writer.map(length)?;
            loop {
                match reader.next()? {
                    Token::End => break,
                    token => writer.str(&key(token, reader)?)?,
                }
                next_value(reader, writer)?;
            }
            writer.end()?;
        }
        Token::End | Token::Tag(_) => return Err(unexpected(reader)),
    }
    Ok(())
}

fn key<'de>(mut token: Token<'de>, reader: &mut Reader<'de>) -> Result<String, TranscodeError> {
    while let Token::Tag(_) = token {
        token = reader.next()?;
    }
    Ok(match token {
        Token::Str(text) => text.into_owned(),
        Token::U64(key) => key.to_string(),
        Token::I64(key) => key.to_string(),
        Token::F64(key) => key.to_string(),
        Token::Bool(key) => key.to_string(),
        Token::Null => "null".to_owned(),
        _ => return Err(unexpected(reader)),
    })
}

fn unexpected(reader: &Reader<'_>) -> TranscodeError {
    DecodeError::new("something that is no value here", reader.offset()).into()
}

/// Control characters stand in strings only, where they may as well be escaped.
pub(super) fn calm(json: &str) -> String {
    if !json.chars().any(char::is_control) {
        return json.to_owned();
    }
    let mut calm = String::with_capacity(json.len() + 16);
    for letter in json.chars() {
        match letter.is_control() {
            true => calm.push_str(&format!("\\u{:04x}", u32::from(letter))),
            false => calm.push(letter),
        }
    }
    calm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_told_somehow() {
        for (cbor, expected) in [
            (&b"\x83\x01\x20\xf6"[..], "[1,-1,null]"),
            (b"\x82\xf9\x7e\x00\xf9\x7c\x00", "[null,null]"),
            (b"\xa2\x01\x02\x61a\x03", r#"{"1":2,"a":3}"#),
            (b"\xd8\x2a\x61a", r#""a""#),
            (b"\x43\x00\x01\xff", r#""\u0000AAH/""#),
            (
                b"\xc2\x49\x01\x00\x00\x00\x00\x00\x00\x00\x00",
                "18446744073709551616",
            ),
            (b"\x63\xc2\x9bx", r#""\u009bx""#),
            (b"\xf7", "null"),
        ] {
            assert_eq!(json_of(Format::Cbor, cbor), expected);
        }
        assert_eq!(json_of(Format::MsgPack, b"\xd4\x05\x01"), r#""\u0000AQ==""#);
    }
}
