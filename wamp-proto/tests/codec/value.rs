//! Any value, and how to make up some.

use std::fmt;

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// Whatever all three formats can say. Floats are compared by their bits.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(String),
    Data(Vec<u8>),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Unsigned(one), Self::Unsigned(other)) => one == other,
            (Self::Negative(one), Self::Negative(other)) => one == other,
            (Self::Float(one), Self::Float(other)) => {
                one.to_bits() == other.to_bits() || one.is_nan() && other.is_nan()
            }
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Data(one), Self::Data(other)) => one == other,
            (Self::List(one), Self::List(other)) => one == other,
            (Self::Map(one), Self::Map(other)) => one == other,
            _ => false,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Negative(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Data(value) => serializer.serialize_bytes(value),
            Self::List(values) => serializer.collect_seq(values),
            Self::Map(entries) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(u64::try_from(value).map_or(Value::Negative(value), Value::Unsigned))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(Value::Data(value.to_vec()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Map(entries))
    }
}

/// What may occur in a made-up value.
#[derive(Clone, Copy)]
pub(crate) struct Kinds {
    pub(crate) data: bool,
    pub(crate) floats: Floats,
}

#[derive(Clone, Copy)]
pub(crate) enum Floats {
    /// Floats with few digits, which every JSON parser reads alike.
    Short,
    Finite,
    All,
}

pub(crate) fn any_value(kinds: Kinds) -> impl Strategy<Value = Value> {
    let float = match kinds.floats {
        Floats::Short => any::<i32>()
            .prop_map(|number| f64::from(number) / 64.0)
            .boxed(),
        Floats::Finite => any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .boxed(),
        Floats::All => any::<u64>().prop_map(f64::from_bits).boxed(),
    };
    let data = prop::collection::vec(any::<u8>(), 0..40);
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => any_unsigned().prop_map(Value::Unsigned),
        2 => any_unsigned().prop_map(|number| Value::Negative(-1 - number.cast_signed().unsigned_abs().min(i64::MAX as u64).cast_signed())),
        2 => float.prop_map(Value::Float),
        3 => any_text().prop_map(Value::Text),
        1 => (data, any_text()).prop_map(move |(data, text)| if kinds.data { Value::Data(data) } else { Value::Text(text) }),
    ];
    leaf.prop_recursive(5, 60, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::List),
            prop::collection::vec((any_text(), inner), 0..20).prop_map(Value::Map),
        ]
    })
}

/// Numbers of every length.
fn any_unsigned() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0..64_u32).prop_map(|(number, shift)| number >> shift)
}

/// Text of many lengths, now and then with what needs an escape, but not with what stands for binary data in JSON.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{0,12}",
        2 => "[ -~]{0,100}",
        2 => "[^\0]\\PC{0,20}",
        1 => prop::collection::vec(any::<char>(), 0..40).prop_map(|chars| {
            let text: String = chars.into_iter().collect();
            text.trim_start_matches('\0').to_owned()
        }),
        1 => Just("x".repeat(300)),
        1 => Just("é\u{2028}\u{1f600}\"\\\n\t\u{7f}\u{1}".repeat(9)),
    ]
}
