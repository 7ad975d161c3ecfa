//! What we encode, others decode to the same value, and the other way round.

use proptest::prelude::*;
use wamp_proto::codec::{Format, from_slice};

use super::value::{Floats, Kinds, Value, any_value};
use super::{FORMATS, encode, skip, walk};

const JSON: Kinds = Kinds {
    data: false,
    floats: Floats::Short,
};
const BINARY: Kinds = Kinds {
    data: true,
    floats: Floats::All,
};
const EVERYWHERE: Kinds = Kinds {
    data: true,
    floats: Floats::Finite,
};

proptest! {
    #[test]
    fn json_agrees_with_serde_json(value in any_value(JSON)) {
        let ours = encode(Format::Json, &value);
        prop_assert_eq!(&serde_json::from_slice::<Value>(&ours).unwrap(), &value);

        for theirs in [serde_json::to_vec(&value).unwrap(), serde_json::to_vec_pretty(&value).unwrap()] {
            prop_assert_eq!(&from_slice::<Value>(Format::Json, &theirs).unwrap(), &value);
            prop_assert_eq!(skip(Format::Json, &theirs).unwrap(), &theirs);
        }
    }

    #[test]
    fn msgpack_agrees_with_rmp_serde(value in any_value(BINARY)) {
        let ours = encode(Format::MsgPack, &value);
        prop_assert_eq!(&rmp_serde::from_slice::<Value>(&ours).unwrap(), &value);

        let theirs = rmp_serde::to_vec_named(&value).unwrap();
        prop_assert_eq!(&from_slice::<Value>(Format::MsgPack, &theirs).unwrap(), &value);
        prop_assert_eq!(skip(Format::MsgPack, &theirs).unwrap(), &theirs);
        prop_assert_eq!(&ours[..], &theirs, "both choose the shortest form");
    }

    #[test]
    fn cbor_agrees_with_ciborium(value in any_value(BINARY)) {
        let ours = encode(Format::Cbor, &value);
        prop_assert_eq!(&ciborium::from_reader::<Value, _>(&ours[..]).unwrap(), &value);

        let mut theirs = Vec::new();
        ciborium::into_writer(&value, &mut theirs).unwrap();
        prop_assert_eq!(&from_slice::<Value>(Format::Cbor, &theirs).unwrap(), &value);
        prop_assert_eq!(skip(Format::Cbor, &theirs).unwrap(), &theirs);
    }

    #[test]
    fn every_format_round_trips(value in any_value(EVERYWHERE)) {
        for format in FORMATS {
            let raw = encode(format, &value);
            prop_assert_eq!(&from_slice::<Value>(format, &raw).unwrap(), &value, "{}", format);
        }
    }

    /// Damaged JSON is refused if and only if serde_json refuses it.
    #[test]
    fn damaged_json(value in any_value(JSON), pretty: bool, damage in any_damage()) {
        let mut raw = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
        for (at, what) in damage {
            what.apply(&mut raw, at);
        }
        let walked = walk(Format::Json, &raw).map(drop);
        let skipped = skip(Format::Json, &raw).map(drop);
        match serde_json::from_slice::<Value>(&raw) {
            Ok(_) => prop_assert!(walked.is_ok() && skipped.is_ok(), "{walked:?} {skipped:?}"),
            // Malformed or not, serde_json has not looked further. We pass such numbers on to whoever can do with them.
            Err(error) if error.to_string().contains("number out of range") => prop_assert!(walked.is_err()),
            Err(error) => prop_assert!(walked.is_err() && skipped.is_err(), "{error}"),
        }
    }

    /// In damaged MessagePack and CBOR we see what the others see, or an error. They let a few mistakes pass.
    #[test]
    fn damaged_binary(value in any_value(BINARY), damage in any_damage()) {
        for format in [Format::MsgPack, Format::Cbor] {
            let mut raw = encode(format, &value).to_vec();
            for (at, what) in &damage {
                what.apply(&mut raw, *at);
            }
            let walked = walk(format, &raw);
            prop_assert_eq!(walked.is_ok(), skip(format, &raw).is_ok());
            let Ok(ours) = from_slice::<Value>(format, &raw) else { continue };
            let theirs = match format {
                Format::MsgPack => rmp_serde::from_slice::<Value>(&raw).ok(),
                _ => ciborium::from_reader::<Value, _>(&raw[..]).ok(),
            };
            if let Some(theirs) = theirs {
                prop_assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn noise_never_panics(raw in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in FORMATS {
            let walked = walk(format, &raw);
            prop_assert_eq!(walked.is_ok(), skip(format, &raw).is_ok());
            let _ = from_slice::<Value>(format, &raw);
        }
    }
}

/// A change to a byte of a document.
#[derive(Clone, Debug)]
enum Damage {
    Replace(u8),
    Insert(u8),
    Remove,
    Truncate,
}

impl Damage {
    fn apply(&self, raw: &mut Vec<u8>, at: prop::sample::Index) {
        let place = at.index(raw.len() + 1);
        match *self {
            Self::Insert(byte) => raw.insert(place, byte),
            Self::Truncate => raw.truncate(place),
            Self::Replace(byte) => raw
                .iter_mut()
                .skip(place)
                .take(1)
                .for_each(|old| *old = byte),
            Self::Remove if place < raw.len() => drop(raw.remove(place)),
            Self::Remove => {}
        }
    }
}

fn any_damage() -> impl Strategy<Value = Vec<(prop::sample::Index, Damage)>> {
    let byte = || {
        prop_oneof![
            prop::sample::select(
                &b"[]{},:\"\\/0123456789eE+-.utfnalse \n\r\t\x00\x1f\x7f\x80\xc3\xa9\xed\xa0\xff"[..]
            ),
            any::<u8>(),
        ]
    };
    let damage = prop_oneof![
        3 => byte().prop_map(Damage::Replace),
        3 => byte().prop_map(Damage::Insert),
        2 => Just(Damage::Remove),
        1 => Just(Damage::Truncate),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), damage), 1..4)
}
