//! One value as it was typed.

use std::fs::File;
use std::io::{self, Read as _};
use std::str::FromStr;

use bytes::BytesMut;
use serde_json::Value;
use wamp_client::proto::codec::{Format, Write as _, transcode};

use crate::client::ClientFailure;

/// What is read of a file, or of stdin, at most. Routers take less.
const MAX_INPUT: u64 = 64 << 20;

/// Letters of a word that people are shown.
const MAX_SHOWN: usize = 60;

/// One value as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// JSON, a bare word, `@file` or `-`.
    Value(String),
    /// The text that it is.
    Text(String),
}

impl FromStr for Word {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::Value(text.to_owned()))
    }
}

/// What words are read from.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    stdin_is_read: bool,
}

impl Inputs {
    /// The JSON that a word stands for.
    ///
    /// # Errors
    ///
    /// When it begins like JSON and is none, or a file cannot be read.
    pub(crate) fn json(&mut self, word: &Word) -> Result<String, ClientFailure> {
        match word {
            Word::Text(text) => Ok(quoted(text)),
            Word::Value(text) if text == "-" => {
                if std::mem::replace(&mut self.stdin_is_read, true) {
                    let what = "`-` is stdin, which can be read once; for the text itself write it in JSON, `\"-\"`";
                    return Err(ClientFailure::Usage(what.to_owned()));
                }
                read("stdin", io::stdin().lock())
            }
            Word::Value(text) => match text.strip_prefix('@') {
                Some(path) => {
                    let file = File::open(path).map_err(|error| {
                        let name = format!("the file `{path}` cannot be read: {error}");
                        let hint =
                            format!("for the text itself write it in JSON, `{}`", quoted(text));
                        ClientFailure::Usage(format!("{name}; {hint}"))
                    })?;
                    read(path, file)
                }
                None => value(text),
            },
        }
    }

    /// The same, decoded.
    ///
    /// # Errors
    ///
    /// As for JSON.
    pub(crate) fn decoded(&mut self, word: &Word) -> Result<Value, ClientFailure> {
        let json = self.json(word)?;
        let value = serde_json::from_str(&json);
        value.map_err(|error| ClientFailure::Usage(format!("`{json}` is not JSON: {error}")))
    }
}

fn value(text: &str) -> Result<String, ClientFailure> {
    if let Some(json) = compact(text.as_bytes()) {
        return Ok(json);
    }
    match text.trim_start().starts_with(['{', '[', '"']) {
        true => {
            let hint = "for the text itself write a string of JSON, in quotes";
            let begin = match text.char_indices().nth(MAX_SHOWN) {
                Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
                None => text.to_owned(),
            };
            Err(ClientFailure::Usage(format!(
                "`{begin}` begins like JSON, but is none; {hint}"
            )))
        }
        false => Ok(quoted(text)),
    }
}

fn read(name: &str, input: impl io::Read) -> Result<String, ClientFailure> {
    let mut bytes = Vec::new();
    let length = input.take(MAX_INPUT + 1).read_to_end(&mut bytes);
    let length =
        length.map_err(|error| ClientFailure::io(&format!("{name} cannot be read"), &error))?;
    if u64::try_from(length).is_ok_and(|it| it > MAX_INPUT) {
        let what = format!("{name} is longer than {} MiB", MAX_INPUT >> 20);
        return Err(ClientFailure::Usage(what));
    }
    Ok(json_or_text(&bytes))
}

/// What a program has written: JSON if it is JSON, else text without its last line break, else binary data.
pub(crate) fn json_or_text(bytes: &[u8]) -> String {
    if let Some(json) = compact(bytes) {
        return json;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let line = text.strip_suffix('\n').unwrap_or(text);
            quoted(line.strip_suffix('\r').unwrap_or(line))
        }
        Err(_) => binary(bytes),
    }
}

/// `name=value`.
///
/// # Errors
///
/// When it is something else.
pub(crate) fn pair(text: &str) -> Result<(String, Word), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok((name.to_owned(), Word::Value(value.to_owned())))
        }
        _ => Err("expected a name and a value, as in `name=value`".to_owned()),
    }
}

/// JSON without spaces; `None` if it is none.
fn compact(text: &[u8]) -> Option<String> {
    let mut json = BytesMut::new();
    transcode(Format::Json, text, Format::Json, &mut json).ok()?;
    String::from_utf8(json.into()).ok()
}

pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// WAMP's way to have binary data in JSON.
fn binary(bytes: &[u8]) -> String {
    let mut json = BytesMut::new();
    let written = Format::Json.writer(&mut json).bytes(bytes);
    match written {
        Ok(()) => String::from_utf8_lossy(&json).into_owned(),
        // No length is too long for JSON.
        Err(_) => "null".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        let json = Inputs::default().json(&Word::Value(text.to_owned()));
        json.unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn words_are_json_or_text() {
        for (text, expected) in [
            ("foo", r#""foo""#),
            (r#""foo""#, r#""foo""#),
            ("5", "5"),
            ("-5", "-5"),
            ("007", r#""007""#),
            ("1.50", "1.5"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
            ("true", "true"),
            ("null", "null"),
            ("nul", r#""nul""#),
            ("", r#""""#),
            ("2026-01-02", r#""2026-01-02""#),
            ("grüße 🎉", r#""grüße 🎉""#),
            (r#" {"b": 1, "a": [ ] } "#, r#"{"b":1,"a":[]}"#),
            ("a=b", r#""a=b""#),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
        assert_eq!(quoted("5"), r#""5""#);
    }

    #[test]
    fn what_begins_like_json_has_to_be_json() {
        for text in [r#"{"a":1"#, "[1,]", r#""foo"#, "{a: 1}"] {
            assert!(json(text).contains("begins like JSON"), "{text}");
        }
    }

    #[test]
    fn stdin_is_read_once() {
        let mut inputs = Inputs {
            stdin_is_read: true,
        };
        let error = inputs.json(&Word::Value("-".to_owned()));
        assert!(error.is_err_and(|it| it.to_string().contains("once")));
        let text = inputs.json(&Word::Text("-".to_owned()));
        assert_eq!(text.ok().as_deref(), Some(r#""-""#));
    }

    #[test]
    fn output_is_json_text_or_binary_data() {
        for (bytes, expected) in [
            (&b" [1]\n"[..], "[1]"),
            (b"hello\n", r#""hello""#),
            (b"hello\r\n", r#""hello""#),
            (b"two\nlines\n", r#""two\nlines""#),
            (b"\x00\x01\xff", r#""\u0000AAH/""#),
        ] {
            assert_eq!(json_or_text(bytes), expected);
        }
    }

    #[test]
    fn pairs_have_names() {
        let five = Word::Value("5".to_owned());
        assert_eq!(pair("a=5"), Ok(("a".to_owned(), five)));
        let rest = Word::Value("b=c".to_owned());
        assert_eq!(pair("a=b=c"), Ok(("a".to_owned(), rest)));
        for text in ["", "a", "=5"] {
            assert!(pair(text).is_err(), "{text}");
        }
    }
}
