//! What stands in the attribute: `#[procedure("docs.get", strict, timeout = "30s")]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Error, Lit, LitInt, LitStr, Path, Result, parse_quote};

use super::kind::Kind;
use super::place::Place;
use super::rename::Rename;
use super::timeout::Timeout;
use crate::errors::Errors;
use crate::list;
use crate::uri::{self, Uri};

/// The options of one attribute, checked one by one.
pub(crate) struct Options {
    pub(crate) uri: Option<Uri>,
    pub(crate) realm: Option<LitStr>,
    pub(crate) strict: bool,
    pub(crate) timeout: Timeout,
    pub(crate) concurrency: Option<u32>,
    /// Empty: everybody's.
    pub(crate) roles: Vec<LitStr>,
    pub(crate) disclose_caller: bool,
    /// Session handlers: whether it runs before authentication.
    pub(crate) unauthenticated: bool,
    pub(crate) rename_all: Rename,
    /// The word itself, for errors.
    pub(crate) blocking: Option<Ident>,
    /// Where the runtime is; `::wamp_server` unless the user renamed it.
    pub(crate) krate: Path,
}

impl Options {
    pub(crate) fn parse(
        kind: Kind,
        place: Place,
        tokens: TokenStream,
        errors: &mut Errors,
    ) -> Self {
        let mut parser = Parser {
            kind,
            place,
            options: Self::default(),
            seen: Vec::new(),
        };
        list::each(tokens, errors, |input, _| parser.option(input));
        let is_needed = place == Place::Function && !parser.was_given(URI);
        if let (Some(uri), true) = (kind.uri(), is_needed) {
            let attribute = kind.attribute();
            let message = format!("a URI is missing, as in `#[{attribute}(\"{uri}\")]`");
            errors.at_span(Span::call_site(), message);
        }
        parser.options
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            uri: None,
            realm: None,
            strict: false,
            timeout: Timeout::default(),
            concurrency: None,
            roles: Vec::new(),
            disclose_caller: false,
            unauthenticated: false,
            rename_all: Rename::default(),
            blocking: None,
            krate: parse_quote!(::wamp_server),
        }
    }
}

struct Parser {
    kind: Kind,
    place: Place,
    options: Options,
    /// What was given already, be it well or badly; the literal, `prefix` and `regex` all count as [`URI`].
    seen: Vec<String>,
}

const URI: &str = "the URI";

impl Parser {
    fn option(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.peek(Lit) {
            return self.positional(input);
        }
        let key = list::key(input)?;
        let name = key.to_string();
        let mut options = self.options();
        let Some((_, example)) = options.find(|(known, _)| *known == name) else {
            let (attribute, known) = (self.kind.attribute(), self.known());
            let message = format!("`#[{attribute}]` has no option `{name}`; it has {known}");
            return Err(Error::new_spanned(&key, message));
        };
        match name.as_str() {
            "prefix" | "regex" => self.once(&key, URI)?,
            _ => self.once(&key, &format!("`{name}`"))?,
        }
        self.set(&key, &name, example, input)
    }

    /// Reads the value of an option that exists and was not given before.
    fn set(
        &mut self,
        key: &Ident,
        name: &str,
        example: &str,
        input: ParseStream<'_>,
    ) -> Result<()> {
        let options = &mut self.options;
        match name {
            "blocking" => {
                list::flag(input, key)?;
                options.blocking = Some(key.clone());
            }
            "concurrency" => {
                let limit = list::value(input, key, example)?;
                options.concurrency = Some(concurrency(&limit)?);
            }
            "crate" => options.krate = list::value(input, key, example)?,
            "disclose_caller" => {
                list::flag(input, key)?;
                options.disclose_caller = true;
            }
            "prefix" => self.set_uri(Uri::prefix(list::value(input, key, example)?)?)?,
            "realm" => {
                let realm = list::value(input, key, example)?;
                uri::check_plain(&realm)?;
                options.realm = Some(realm);
            }
            "regex" => self.set_uri(Uri::regex(list::value(input, key, example)?))?,
            "rename_all" => {
                options.rename_all = Rename::from_literal(&list::value(input, key, example)?)?;
            }
            "roles" => options.roles = list::texts(input, key, example)?,
            "strict" => {
                list::flag(input, key)?;
                options.strict = true;
            }
            "timeout" => options.timeout = list::value(input, key, example)?,
            "unauthenticated" => {
                list::flag(input, key)?;
                options.unauthenticated = true;
            }
            _ => unreachable!("every option of a `Kind` is read here"),
        }
        Ok(())
    }

    fn positional(&mut self, input: ParseStream<'_>) -> Result<()> {
        let literal: Lit = input.parse()?;
        if self.place == Place::ApiMethod {
            let message = "the trait says which URI this is: remove it here";
            return Err(Error::new_spanned(literal, message));
        }
        let Some(example) = self.kind.uri() else {
            let attribute = self.kind.attribute();
            let message = format!("`#[{attribute}]` has no URI: it has {}", self.known());
            return Err(Error::new_spanned(literal, message));
        };
        self.once(&literal, URI)?;
        match literal {
            Lit::Str(literal) => self.set_uri(Uri::template(literal)?),
            literal => {
                let message = format!("the URI is a string, as in `\"{example}\"`");
                Err(Error::new_spanned(literal, message))
            }
        }
    }

    fn set_uri(&mut self, uri: Uri) -> Result<()> {
        // Clients publish nothing there, but a router does: a subscriber may listen to it.
        if self.kind != Kind::Subscriber {
            uri.refuse_reserved()?;
        }
        self.options.uri = Some(uri);
        Ok(())
    }

    fn once(&mut self, at: &impl ToTokens, name: &str) -> Result<()> {
        if self.was_given(name) {
            return Err(Error::new_spanned(at, format!("{name} is given twice")));
        }
        self.seen.push(name.to_owned());
        Ok(())
    }

    fn was_given(&self, name: &str) -> bool {
        self.seen.iter().any(|seen| seen == name)
    }

    /// The options that exist.
    fn options(&self) -> impl Iterator<Item = &'static (&'static str, &'static str)> + use<> {
        let place = self.place;
        let options = self.kind.options().iter();
        options.filter(move |(name, _)| place.has(name))
    }

    /// The same for errors.
    fn known(&self) -> String {
        let uri = self.kind.uri().map(|_| "a URI".to_owned());
        let uri = uri.filter(|_| self.place != Place::ApiMethod);
        let options = self.options().map(|(name, _)| format!("`{name}`"));
        uri.into_iter()
            .chain(options)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn concurrency(literal: &LitInt) -> Result<u32> {
    match literal.base10_parse() {
        Ok(limit) if limit > 0 => Ok(limit),
        _ => Err(Error::new_spanned(
            literal,
            "expected how many calls may run at once: a number greater than zero",
        )),
    }
}
