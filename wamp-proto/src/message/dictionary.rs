//! `Options` and `Details`: maps with keys that the specification knows, and a table that declares each once for reading and writing.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::decode::{Decoded, Decoder};
use super::encode::{Encoded, Encoder};
use super::value::Value;
use super::{ProtocolViolation, Unknown};
use crate::codec::{Read, Token, Write};

/// How many keys a dictionary may have. A limit of this implementation.
pub(crate) const MAX_ENTRIES: usize = 64;

/// How long a dictionary may be. A limit of this implementation.
pub(crate) const MAX_BYTES: usize = 16 * 1024;

/// Keys that belong together: a dictionary, or the part of one that is rarely there and therefore in a box.
pub(crate) trait Entries: Default {
    /// Whether this is one of the keys.
    fn has(key: &str) -> bool;

    /// Reads the value of `key`, one of the keys.
    fn read_entry(&mut self, key: &str, decoder: &mut Decoder<'_>) -> Decoded<()>;

    /// Checks that nothing is missing.
    fn check(&self) -> Decoded<()> {
        Ok(())
    }

    /// How many entries are written.
    fn count(&self) -> usize;

    /// Writes keys and values.
    fn write_entries(&self, encoder: &mut Encoder<'_>) -> Encoded;
}

/// A whole dictionary, which keeps what it does not know.
pub(crate) trait Dictionary: Entries {
    fn unknown(&self) -> &Unknown;
    fn unknown_mut(&mut self) -> &mut Unknown;
}

/// Reads a dictionary.
#[inline]
pub(crate) fn read<D: Dictionary>(decoder: &mut Decoder<'_>) -> Decoded<D> {
    let token = decoder.token()?;
    read_from(token, decoder)
}

/// Reads a dictionary whose first token was read before. Nearly all are empty.
#[inline]
pub(crate) fn read_from<'de, D: Dictionary>(
    token: Token<'de>,
    decoder: &mut Decoder<'de>,
) -> Decoded<D> {
    match token {
        Token::Map(_) => {}
        other => return Err(ProtocolViolation::expected("a map", &other)),
    }
    let dictionary = match decoder.token()? {
        Token::End => D::default(),
        first => read_filled(first, decoder)?,
    };
    dictionary.check()?;
    Ok(dictionary)
}

fn read_filled<'de, D: Dictionary>(
    mut token: Token<'de>,
    decoder: &mut Decoder<'de>,
) -> Decoded<D> {
    let start = decoder.reader.offset();
    let mut dictionary = D::default();
    let mut seen: SmallVec<[Cow<'de, str>; 8]> = SmallVec::new();
    loop {
        let key = match token {
            Token::Str(key) => key,
            Token::End => return Ok(dictionary),
            other => return Err(ProtocolViolation::expected("a string as key", &other)),
        };
        // Twice the same key with different values would let the one who authorizes see another value than the one who acts.
        if seen.contains(&key) {
            return Err(ProtocolViolation::new(format!(
                "the key {:?} occurs twice",
                excerpt(&key)
            )));
        }
        if seen.len() == MAX_ENTRIES {
            return Err(ProtocolViolation::new(format!(
                "has more than {MAX_ENTRIES} keys"
            )));
        }
        if D::has(&key) {
            dictionary.read_entry(&key, decoder)?;
        } else {
            let value = decoder.raw()?;
            dictionary
                .unknown_mut()
                .push(decoder.text(key.clone())?, value);
        }
        if decoder.reader.offset() - start > MAX_BYTES {
            return Err(ProtocolViolation::new(format!(
                "is longer than {MAX_BYTES} bytes"
            )));
        }
        seen.push(key);
        token = decoder.token()?;
    }
}

/// How many entries are written.
#[inline]
pub(crate) fn len<D: Dictionary>(dictionary: &D) -> usize {
    dictionary.count() + dictionary.unknown().len()
}

/// Writes a dictionary.
#[inline]
pub(crate) fn write<D: Dictionary>(dictionary: &D, encoder: &mut Encoder<'_>) -> Encoded {
    let count = len(dictionary);
    encoder.writer.map(Some(count))?;
    if count > 0 {
        dictionary.write_entries(encoder)?;
        for (key, value) in dictionary.unknown() {
            encoder.writer.str(key)?;
            value.write(encoder)?;
        }
    }
    encoder.writer.end()
}

/// Reads the value of `key`. Null is as good as absent: that is what dynamic languages send for an option that was not given.
pub(crate) fn read_value<V: Value>(
    value: &mut V,
    key: &str,
    decoder: &mut Decoder<'_>,
) -> Decoded<()> {
    if decoder.reader.take_null()? {
        return Ok(());
    }
    *value = V::read(decoder).map_err(|violation| violation.within(key))?;
    Ok(())
}

/// Writes the entry unless it is absent.
#[inline]
pub(crate) fn write_value<V: Value>(value: &V, key: &str, encoder: &mut Encoder<'_>) -> Encoded {
    if value.is_absent() {
        return Ok(());
    }
    encoder.writer.str(key)?;
    value.write(encoder)
}

/// The beginning of a text that the peer chose.
fn excerpt(text: &str) -> String {
    text.chars().take(64).collect()
}

/// Declares keys, and fields of the type [`Value`] for them.
///
/// - `struct` is a dictionary: it has a field `unknown`. After `+`, groups of keys that are rarely there.
/// - `group` is such a group.
macro_rules! dictionary {
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident {
            $($(#[$field_doc:meta])* $key:literal => $field:ident: $type:ty,)*
        }
        $(+ {
            $($(#[$group_doc:meta])* $group:ident: $group_type:ty,)+
        })?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        $vis struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            $($($(#[$group_doc])* pub $group: Option<Box<$group_type>>,)+)?
            /// Entries that this library does not know. The specification wants them to be ignored; they can be passed on.
            pub unknown: $crate::message::Unknown,
        }

        $crate::message::dictionary::entries!($name { $($key => $field,)* } { $($($group: $group_type,)+)? });

        impl $crate::message::dictionary::Dictionary for $name {
            fn unknown(&self) -> &$crate::message::Unknown {
                &self.unknown
            }

            fn unknown_mut(&mut self) -> &mut $crate::message::Unknown {
                &mut self.unknown
            }
        }

        impl $crate::message::element::Element for $name {
            #[inline]
            fn read(
                decoder: &mut $crate::message::decode::Decoder<'_>,
            ) -> $crate::message::decode::Decoded<Self> {
                $crate::message::dictionary::read(decoder)
            }

            #[inline]
            fn write(
                &self,
                encoder: &mut $crate::message::encode::Encoder<'_>,
            ) -> $crate::message::encode::Encoded {
                $crate::message::dictionary::write(self, encoder)
            }

            #[inline]
            fn quick(quick: &mut $crate::message::quick::Quick<'_>) -> Option<Self> {
                quick.skip(b"{}")?;
                let empty = Self::default();
                $crate::message::dictionary::Entries::check(&empty).is_ok().then_some(empty)
            }

            #[inline]
            fn quick_write(&self, out: &mut bytes::BytesMut) -> bool {
                use $crate::message::dictionary::{Dictionary, Entries};

                let empty = Entries::count(self) == 0 && Dictionary::unknown(self).is_empty();
                if empty {
                    out.extend_from_slice(b"{}");
                }
                empty
            }
        }
    };
    (
        $(#[$doc:meta])*
        $vis:vis group $name:ident {
            $($(#[$field_doc:meta])* $key:literal => $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        $vis struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        $crate::message::dictionary::entries!($name { $($key => $field,)* } {});
    };
}

/// What both forms of [`dictionary`] have in common.
macro_rules! entries {
    ($name:ident { $($key:literal => $field:ident,)* } { $($group:ident: $group_type:ty,)* }) => {
        impl $crate::message::dictionary::Entries for $name {
            fn has(key: &str) -> bool {
                false $(|| key == $key)*
                    $(|| <$group_type as $crate::message::dictionary::Entries>::has(key))*
            }

            fn read_entry(
                &mut self,
                key: &str,
                decoder: &mut $crate::message::decode::Decoder<'_>,
            ) -> $crate::message::decode::Decoded<()> {
                match key {
                    $($key => $crate::message::dictionary::read_value(&mut self.$field, $key, decoder),)*
                    $(_ if <$group_type as $crate::message::dictionary::Entries>::has(key) => {
                        let group = self.$group.get_or_insert_default();
                        $crate::message::dictionary::Entries::read_entry(&mut **group, key, decoder)
                    })*
                    _ => Ok(()),
                }
            }

            #[inline]
            fn check(&self) -> $crate::message::decode::Decoded<()> {
                $($crate::message::value::Value::check(&self.$field).map_err(|violation| violation.within($key))?;)*
                Ok(())
            }

            #[inline]
            fn count(&self) -> usize {
                0 $(+ usize::from(!$crate::message::value::Value::is_absent(&self.$field)))*
                    $(+ self.$group.as_deref().map_or(0, $crate::message::dictionary::Entries::count))*
            }

            fn write_entries(
                &self,
                encoder: &mut $crate::message::encode::Encoder<'_>,
            ) -> $crate::message::encode::Encoded {
                $($crate::message::dictionary::write_value(&self.$field, $key, encoder)?;)*
                $(if let Some(group) = self.$group.as_deref() {
                    $crate::message::dictionary::Entries::write_entries(group, encoder)?;
                })*
                Ok(())
            }
        }
    };
}

pub(crate) use dictionary;
pub(crate) use entries;
