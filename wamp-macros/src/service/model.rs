//! A block whose methods have become handlers.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::{Attribute, LitStr, Meta};

use super::block::{Block, Item};
use super::options::Options;
use crate::errors::Errors;
use crate::handler::Kind;
use crate::handler::function::Function;
use crate::handler::model::{Called, Handler};
use crate::handler::options::Options as HandlerOptions;
use crate::handler::rename::Rename;
use crate::span::shown_at;
use crate::uri::Uri;

/// A block that can be expanded.
pub(crate) struct Service {
    pub(crate) options: Options,
    /// Without its items.
    pub(crate) block: Block,
    pub(crate) items: Vec<Served>,
}

/// An item of the block.
#[expect(clippy::large_enum_variant, reason = "most are handlers")]
pub(crate) enum Served {
    Handler(Handler),
    Other(TokenStream),
}

impl Service {
    /// Puts the parts together and reports where they contradict each other.
    pub(crate) fn new(options: Options, mut block: Block, errors: &mut Errors) -> Self {
        check(&options, &block, errors);
        let items = std::mem::take(&mut block.items);
        let mut service = Self {
            options,
            block,
            items: Vec::new(),
        };
        for item in items {
            let served = match item {
                Item::Function(function) => service.function(function, errors),
                Item::Other(tokens) => Served::Other(tokens),
            };
            service.items.push(served);
        }
        let is_empty = !service.handlers().any(|_| true) && service.options.parts.is_empty();
        if is_empty && errors.is_empty() {
            let message = "no method of this service is annotated: write `#[procedure]`, `#[subscriber]`, `#[topic]` or `#[session]` on those that clients are to reach";
            errors.at_span(Span::call_site(), message);
        }
        service
    }

    pub(crate) fn handlers(&self) -> impl Iterator<Item = &Handler> {
        self.items.iter().filter_map(|item| match item {
            Served::Handler(handler) => Some(handler),
            Served::Other(_) => None,
        })
    }

    fn function(&self, mut function: Function, errors: &mut Errors) -> Served {
        let found = take_attribute(&mut function, errors);
        let (kind, options) = match (found, &self.block.api) {
            (Some((kind, attr)), Some(_)) if kind != Kind::Procedure => {
                errors.at(
                    attr,
                    "a trait has procedures only: put this method into an `impl` without trait",
                );
                return Served::Other(function.tokens());
            }
            (Some((kind, attr)), _) => (kind, list(attr, errors)),
            (None, Some(_)) => (Kind::Procedure, TokenStream::new()),
            (None, None) => return Served::Other(function.tokens()),
        };
        let called = match &self.block.api {
            Some(api) => Called::ApiMethod {
                api: api.clone(),
                constant: constant(&function.sig.ident),
            },
            None => Called::Method,
        };
        let mut options = HandlerOptions::parse(kind, called.place(), options, errors);
        if self.block.api.is_none() {
            self.complete(kind, &function, &mut options, errors);
        }
        Served::Handler(Handler::new(kind, options, function, called, errors))
    }

    /// What the block says for all of its methods.
    fn complete(
        &self,
        kind: Kind,
        function: &Function,
        options: &mut HandlerOptions,
        errors: &mut Errors,
    ) {
        let rename = self.options.rename_all.as_ref().map(|(_, rule)| *rule);
        if let Some(rule) = rename.filter(|_| options.rename_all == Rename::default()) {
            options.rename_all = rule;
        }
        if kind.uri().is_none() {
            return;
        }
        let name = &function.sig.ident;
        let uri = options.uri.take().or_else(|| {
            let text = rename.unwrap_or_default().apply(&name.unraw().to_string());
            errors.keep(Uri::template(LitStr::new(&text, name.span())))
        });
        options.uri = uri.and_then(|uri| match &self.options.prefix {
            Some(prefix) => errors.keep(uri.under(prefix)),
            None => Some(uri),
        });
        if let Some(uri) = options.uri.as_ref().filter(|_| kind != Kind::Subscriber) {
            errors.keep(uri.refuse_reserved());
        }
    }
}

/// The constant of an API trait that says what `method` is on the wire. Its name is what the compiler shows where the trait is not annotated.
pub(crate) fn constant(method: &Ident) -> Ident {
    let name = method.unraw();
    format_ident!(
        "__declared_by_client_or_service_{name}",
        span = shown_at(method.span())
    )
}

fn check(options: &Options, block: &Block, errors: &mut Errors) {
    if block.api.is_some() {
        if let Some((word, _)) = &options.rename_all {
            errors.at(word, "the trait says how things are called: remove this");
        }
        if let Some(first) = options.parts.first() {
            errors.at(
                first,
                "the block without trait has the parts: remove `parts` here",
            );
        }
    } else if let Some(word) = &options.part {
        errors.at(
            word,
            "only the block of a trait is a part: this one is what has `parts(…)`",
        );
    }
}

/// Takes the attribute away that makes a method a handler. Nothing has resolved it yet, so it is known by its spelling.
fn take_attribute(function: &mut Function, errors: &mut Errors) -> Option<(Kind, Attribute)> {
    let mut found = None;
    for attr in std::mem::take(&mut function.attrs) {
        match kind(&attr) {
            None => function.attrs.push(attr),
            Some(_) if found.is_some() => {
                errors.at(attr, "a method has one of these attributes");
            }
            Some(kind) => found = Some((kind, attr)),
        }
    }
    found
}

fn kind(attr: &Attribute) -> Option<Kind> {
    let last = attr.path().segments.last()?;
    let kinds = [
        Kind::Procedure,
        Kind::Session,
        Kind::Subscriber,
        Kind::Topic,
    ];
    kinds
        .into_iter()
        .find(|kind| last.ident == kind.attribute())
}

fn list(attr: Attribute, errors: &mut Errors) -> TokenStream {
    match attr.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens,
        Meta::NameValue(meta) => {
            errors.at(
                meta.to_token_stream(),
                "write the URI and the options in parentheses",
            );
            TokenStream::new()
        }
    }
}
