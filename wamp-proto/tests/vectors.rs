//! The test vectors of the WAMP project: <https://github.com/wamp-proto/wamp-proto/tree/master/testsuite>, JSON, MessagePack and CBOR.
//!
//! They are no part of this repository. They are looked for beside it, in `../shared/vectors`, or where `WAMP_VECTORS` says. Without them
//! the tests pass, except in continuous integration.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use bytes::{Bytes, BytesMut};
use serde_json::Value;
use wamp_proto::codec::Format;
use wamp_proto::message::Message;

/// Samples that must not pass: file, description, and why the specification is against them.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "event.json",
        "EVENT with transparent payload (encrypted E2E)",
        TRANSPARENT,
    ),
    (
        "event.json",
        "EVENT with both forward_for and E2EE (advanced R-Link + encryption)",
        TRANSPARENT,
    ),
    (
        "event.json",
        "EVENT.Details.enc_algo cryptobox (valid with payload)",
        TRANSPARENT,
    ),
    (
        "event.json",
        "EVENT.Details.enc_algo with invalid value",
        TRANSPARENT,
    ),
    (
        "event.json",
        "EVENT.Details.enc_serializer cbor (valid with payload)",
        TRANSPARENT,
    ),
    (
        "event.json",
        "EVENT.Details.transaction_hash with invalid type int",
        UNKNOWN_KEY,
    ),
    (
        "event.json",
        "EVENT.Details.x_acknowledged_delivery with invalid type string",
        UNKNOWN_KEY,
    ),
    (
        "event.json",
        "EVENT.Details.forward_for with invalid type string",
        UNKNOWN_KEY,
    ),
    (
        "publish.json",
        "PUBLISH with transparent payload (encrypted E2E)",
        TRANSPARENT,
    ),
    (
        "publish.json",
        "PUBLISH with both forward_for and E2EE (advanced R-Link + encryption)",
        TRANSPARENT,
    ),
    (
        "publish.json",
        "PUBLISH.Options.enc_algo cryptobox (valid with payload)",
        TRANSPARENT,
    ),
    (
        "publish.json",
        "PUBLISH.Options.enc_algo with invalid value",
        TRANSPARENT,
    ),
    (
        "publish.json",
        "PUBLISH.Options.enc_serializer cbor (valid with payload)",
        TRANSPARENT,
    ),
    (
        "publish.json",
        "PUBLISH.Options.transaction_hash with invalid type int",
        UNKNOWN_KEY,
    ),
    (
        "publish.json",
        "PUBLISH.Options.forward_for with invalid type string",
        UNKNOWN_KEY,
    ),
    (
        "subscribe.json",
        "SUBSCRIBE.Options.forward_for with invalid type string",
        UNKNOWN_KEY,
    ),
];

const TRANSPARENT: &str = "`enc_*` with a string for Arguments is a dialect of Crossbar.io. In the specification Arguments is a list, and \
    what stands for this is Payload Passthru Mode.";
const UNKNOWN_KEY: &str = "Only Crossbar.io has this key. The specification wants unknown keys to be ignored, whatever their value.";

const FORMATS: [Format; 3] = [Format::Json, Format::MsgPack, Format::Cbor];

#[test]
fn vectors() {
    let Some(files) = files() else { return };
    let mut failures = Vec::new();
    let mut excepted = BTreeSet::new();
    let mut passed = 0;
    for path in files {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let vector: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for sample in vector["samples"].as_array().unwrap() {
            let description = sample["description"].as_str().unwrap();
            let exception = EXCEPTIONS
                .iter()
                .find(|(f, d, _)| *f == file && *d == description);
            match (check(sample), exception) {
                (Ok(()), None) => passed += 1,
                (Ok(()), Some(_)) => failures.push(format!(
                    "{file}: {description}: is an exception, but passes"
                )),
                (Err(problem), None) => failures.push(format!("{file}: {description}: {problem}")),
                (Err(_), Some((_, description, _))) => {
                    excepted.insert(*description);
                }
            }
        }
    }
    for (file, description, _) in EXCEPTIONS {
        if !excepted.contains(description) {
            failures.push(format!(
                "{file}: {description}: is an exception, but there is no such sample that fails"
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    println!("{passed} samples pass, {} are excepted", excepted.len());
    assert!(passed > 50, "only {passed} samples");
}

/// The files with single messages.
fn files() -> Option<Vec<PathBuf>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    let root = env::var_os("WAMP_VECTORS")
        .map_or(beside, PathBuf::from)
        .join("singlemessage");
    if !root.is_dir() {
        assert!(env::var_os("CI").is_none(), "{} is missing", root.display());
        eprintln!(
            "skipped: {} is missing; CONTRIBUTING.md says where to get it",
            root.display()
        );
        return None;
    }
    let list = |path: &Path| {
        fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect::<Vec<_>>()
    };
    let mut files: Vec<PathBuf> = list(&root).iter().flat_map(|folder| list(folder)).collect();
    files.sort();
    Some(files)
}

fn check(sample: &Value) -> Result<(), String> {
    match sample.get("wmsg") {
        Some(message) => check_validation(message, sample["expected_error"]["contains"].as_str()),
        None => check_serialization(sample),
    }
}

/// A message that is valid, or a violation whose text has a certain word in it.
fn check_validation(message: &Value, violation: Option<&str>) -> Result<(), String> {
    for format in FORMATS {
        match (Message::decode(format, &encode(format, message)), violation) {
            (Ok(_), None) => {}
            (Err(error), Some(word)) if error.to_string().contains(word) => {}
            (Err(error), _) => return Err(format!("{format}: {error}")),
            (Ok(_), Some(word)) => return Err(format!("{format}: is accepted in spite of {word}")),
        }
    }
    Ok(())
}

/// Every variant is understood in the same way, and what we write is one of them.
fn check_serialization(sample: &Value) -> Result<(), String> {
    let variants = |format: Format| -> Vec<Bytes> {
        let list = sample["serializers"][format.name()].as_array().unwrap();
        list.iter()
            .map(|variant| from_hex(variant["bytes_hex"].as_str().unwrap()))
            .collect()
    };
    for format in FORMATS {
        for frame in variants(format) {
            let message =
                Message::decode(format, &frame).map_err(|error| format!("{format}: {error}"))?;
            check_attributes(&message, &sample["expected_attributes"])?;
            for target in FORMATS {
                let mut out = BytesMut::new();
                message
                    .encode(target, &mut out)
                    .map_err(|error| format!("{format} to {target}: {error}"))?;
                if !variants(target).contains(&out.clone().freeze()) {
                    return Err(format!("{format} to {target}: {:02x?}", &out[..]));
                }
            }
        }
    }
    Ok(())
}

/// Every expected attribute is an element of the message, or an entry of its details.
fn check_attributes(message: &Message, expected: &Value) -> Result<(), String> {
    let mut json = BytesMut::new();
    message
        .encode(Format::Json, &mut json)
        .map_err(|error| error.to_string())?;
    let elements: Vec<Value> = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
    for (name, value) in expected.as_object().unwrap() {
        let found = value.is_null()
            || elements.contains(value)
            || elements
                .iter()
                .any(|element| element.get(name) == Some(value));
        if !found {
            return Err(format!("{name} is not {value} in {elements:?}"));
        }
    }
    if expected["message_type"] != message.code() {
        return Err(format!("is taken for {}", message.name()));
    }
    Ok(())
}

/// With other people's serializers.
fn encode(format: Format, value: &Value) -> Bytes {
    let mut out = Vec::new();
    match format {
        Format::Json => serde_json::to_writer(&mut out, value).unwrap(),
        Format::MsgPack => rmp_serde::encode::write(&mut out, value).unwrap(),
        _ => ciborium::into_writer(value, &mut out).unwrap(),
    }
    out.into()
}

fn from_hex(text: &str) -> Bytes {
    let digits: Vec<u32> = text
        .chars()
        .map(|digit| digit.to_digit(16).unwrap())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}
