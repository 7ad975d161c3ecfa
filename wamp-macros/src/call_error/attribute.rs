//! `#[error(uri = "docs.error.not_found", message = "no such document")]`, or the same as `#[wamp(…)]`.
//!
//! thiserror owns the name `error`, and derives refuse what they do not understand. A type that derives both therefore says
//! `#[wamp(…)]`, and where that is said, `#[error]` and `#[from]` are none of our business.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Attribute, Error, Lit, LitStr, Path, Result};

use crate::errors::Errors;
use crate::{list, uri};

/// What callers learn of a variant.
pub(crate) enum Meaning {
    /// `uri = "…"`: this URI.
    Uri(LitStr),
    /// `internal`: nothing, it is logged.
    Internal,
    /// `transparent`: what its field says.
    Transparent,
}

/// The attributes of one variant, or of a struct.
pub(crate) struct Said {
    /// `None` after a mistake was reported.
    pub(crate) meaning: Option<Meaning>,
    pub(crate) message: Option<LitStr>,
    /// Whether `#[wamp]` said it, so that `#[from]` belongs to another derive.
    pub(crate) beside_another_derive: bool,
}

/// Reads what is said about `subject`: a variant, or the name of a struct.
pub(crate) fn read(attrs: &[Attribute], subject: &impl ToTokens, errors: &mut Errors) -> Said {
    let named = |name: &'static str| attrs.iter().filter(move |attr| attr.path().is_ident(name));
    let mut reader = Reader::default();
    for attr in named("wamp") {
        list::each_in(attr, errors, |input, _| reader.option(input));
    }
    let beside_another_derive = reader.said_anything;
    if !beside_another_derive {
        for attr in named("error") {
            list::each_in(attr, errors, |input, _| reader.option(input));
        }
    }
    reader.check(subject, errors);
    Said {
        meaning: reader.meaning,
        message: reader.message,
        beside_another_derive,
    }
}

/// The `crate = path` of a type.
pub(crate) fn krate(attrs: &[Attribute], errors: &mut Errors) -> Option<Path> {
    let mut krate = None;
    // What else is said belongs to a struct, and its mistakes are reported where that is read.
    let mut ignored = Errors::default();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("wamp")) {
        list::each_in(attr, &mut ignored, |input, _| {
            let key = list::key(input)?;
            if key == "crate" {
                krate = errors.keep(list::value(input, &key, CRATE));
            }
            Ok(())
        });
    }
    krate
}

const CRATE: &str = "crate = path::to::wamp_server";
const KNOWN: &str =
    "`uri = \"com.example.error.not_found\"`, `message = \"text\"`, `internal`, `transparent`";

#[derive(Default)]
struct Reader {
    meaning: Option<Meaning>,
    message: Option<LitStr>,
    /// Whether there was anything, be it wrong.
    said_anything: bool,
    has_mistake: bool,
}

impl Reader {
    fn option(&mut self, input: ParseStream<'_>) -> Result<()> {
        let result = self.try_option(input);
        self.has_mistake |= result.is_err();
        result
    }

    fn try_option(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.peek(Lit) {
            self.said_anything = true;
            return Err(input.error(format!(
                "a text belongs to another derive; say what callers see with `#[wamp(…)]`: {KNOWN}"
            )));
        }
        let key = list::key(input)?;
        if key == "crate" {
            list::value::<Path>(input, &key, CRATE)?;
            return Ok(());
        }
        self.said_anything = true;
        if key == "uri" {
            let uri: LitStr = list::value(input, &key, "uri = \"com.example.error.not_found\"")?;
            uri::check_plain(&uri)?;
            self.mean(&key, Meaning::Uri(uri))
        } else if key == "message" {
            let message = list::value(input, &key, "message = \"no such document\"")?;
            match self.message.replace(message) {
                Some(_) => Err(Error::new_spanned(key, "`message` is given twice")),
                None => Ok(()),
            }
        } else if key == "internal" {
            list::flag(input, &key)?;
            self.mean(&key, Meaning::Internal)
        } else if key == "transparent" {
            list::flag(input, &key)?;
            self.mean(&key, Meaning::Transparent)
        } else {
            let message = format!("there is no option `{key}`; an error has {KNOWN}");
            Err(Error::new_spanned(key, message))
        }
    }

    fn mean(&mut self, key: &Ident, meaning: Meaning) -> Result<()> {
        if self.meaning.replace(meaning).is_some() {
            let message = "an error has one of `uri`, `internal` and `transparent`, once";
            return Err(Error::new_spanned(key, message));
        }
        Ok(())
    }

    /// Reports what is missing, unless a mistake was reported that explains why.
    fn check(&self, subject: &impl ToTokens, errors: &mut Errors) {
        match &self.meaning {
            Some(Meaning::Uri(_)) => {}
            Some(_) => {
                if let Some(message) = &self.message {
                    errors.at(message, "callers see a message only together with a `uri`");
                }
            }
            None if self.has_mistake => {}
            None => errors.at(subject, "what do callers see? Say `#[error(uri = \"…\")]`, `#[error(internal)]` or `#[error(transparent)]`"),
        }
    }
}
