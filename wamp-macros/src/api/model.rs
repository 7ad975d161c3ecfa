//! A shared trait after everything was checked that a macro can check.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, GenericParam, Ident, LitStr, Meta, Pat, ReceiverKind, Signature};

use super::declaration::{Declaration, Item, Method};
use super::options::{ApiOptions, MethodOptions};
use super::returned::{Outcome, Returned};
use crate::errors::Errors;
use crate::handler::param::Param;
use crate::uri::Uri;

/// A trait that can be expanded.
pub(crate) struct Api {
    pub(crate) options: ApiOptions,
    /// Without its items.
    pub(crate) declaration: Declaration,
    pub(crate) methods: Vec<Procedure>,
    /// What should not be there.
    pub(crate) others: Vec<TokenStream>,
}

/// One method.
pub(crate) struct Procedure {
    pub(crate) attrs: Vec<Attribute>,
    /// Without `#[arg]`s.
    pub(crate) sig: Signature,
    pub(crate) uri: LitStr,
    pub(crate) kwargs: bool,
    pub(crate) progress: Option<TokenStream>,
    pub(crate) params: Vec<Sent>,
    pub(crate) result: Outcome,
}

/// A parameter.
pub(crate) struct Sent {
    pub(crate) variable: Ident,
    /// On the wire.
    pub(crate) name: String,
}

/// What a client has besides the methods of its trait.
pub(super) const TAKEN: [&str; 3] = ["new", "at", "client"];

impl Api {
    /// Puts the parts together and reports where they contradict each other.
    pub(crate) fn new(
        options: ApiOptions,
        mut declaration: Declaration,
        errors: &mut Errors,
    ) -> Self {
        for param in &declaration.generics.params {
            errors.at(
                param,
                "a trait for both sides cannot be generic: its URIs are the same for all",
            );
        }
        let mut methods = Vec::new();
        let mut others = Vec::new();
        for item in std::mem::take(&mut declaration.items) {
            match item {
                Item::Method(method) => match procedure(&options, method, errors) {
                    Ok(procedure) => methods.push(procedure),
                    Err(left) => others.push(left),
                },
                Item::Other(tokens) => {
                    errors.at(&tokens, "a trait for both sides has methods only");
                    others.push(tokens);
                }
            }
        }
        Self {
            options,
            declaration,
            methods,
            others,
        }
    }
}

/// What has no `self` is left as it is. Whatever else is wrong, those who implement it are not to blame.
fn procedure(
    options: &ApiOptions,
    method: Method,
    errors: &mut Errors,
) -> Result<Procedure, TokenStream> {
    let Method {
        mut attrs,
        mut sig,
        body,
    } = method;
    check(&sig, errors);
    if let Some(body) = body {
        errors.at(
            body.to_token_stream(),
            "the callee has the body: end the method with `;`",
        );
    }
    let is_ours = |attr: &mut Attribute| {
        let last = attr.path().segments.last();
        last.is_some_and(|last| last.ident == "procedure")
    };
    let mut ours = attrs
        .extract_if(.., is_ours)
        .collect::<Vec<_>>()
        .into_iter();
    let tokens = match ours.next() {
        Some(attr) => list(attr, errors),
        None => {
            let message = "every method of a trait for both sides is a procedure: write `#[procedure(\"…\")]`";
            errors.at(&sig.ident, message);
            TokenStream::new()
        }
    };
    for second in ours {
        errors.at(second, "a method is one procedure");
    }
    let said = MethodOptions::parse(tokens, errors);
    let rename = said.rename_all.or(options.rename_all).unwrap_or_default();
    let params = params(&mut sig, |name| rename.apply(name), errors);
    let default = options
        .rename_all
        .unwrap_or_default()
        .apply(&sig.ident.unraw().to_string());
    let uri = match said.uri {
        Some(uri) => Some(uri),
        None => errors.keep(Uri::template(LitStr::new(&default, sig.ident.span()))),
    };
    let uri = uri.and_then(|uri| match &options.prefix {
        Some(prefix) => errors.keep(uri.under(prefix)),
        None => Some(uri),
    });
    let uri = uri.filter(|uri| errors.keep(uri.refuse_reserved()).is_some());
    let uri = uri.map_or_else(|| LitStr::new("", sig.ident.span()), |uri| uri.literal);
    let returned = Returned::read(&sig.output, errors);
    if let (Some(_), Some(progress)) = (&returned.progress, &said.progress) {
        errors.at(
            progress,
            "the items of the stream are the progress: remove this",
        );
    }
    if sig.receiver().is_none() {
        return Err(quote! { #(#attrs)* #sig; });
    }
    Ok(Procedure {
        attrs,
        uri,
        kwargs: said.kwargs,
        progress: returned.progress.or(said.progress),
        params,
        result: returned.result,
        sig,
    })
}

fn check(sig: &Signature, errors: &mut Errors) {
    let name = sig.ident.unraw().to_string();
    if TAKEN.contains(&name.as_str()) {
        let message = format!("the client has a function `{name}` of its own: choose another name");
        errors.at(&sig.ident, message);
    }
    for param in &sig.generics.params {
        if !matches!(param, GenericParam::Lifetime(_)) {
            errors.at(
                param,
                "a procedure cannot be generic: it is one function with one description",
            );
        }
    }
    let is_shared = sig
        .receiver()
        .is_some_and(|it| matches!(it.kind, ReceiverKind::Reference(_, _, None)));
    if !is_shared {
        errors.at(
            &sig.ident,
            "a method of a trait for both sides takes `&self`",
        );
    }
}

fn params(sig: &mut Signature, rename: impl Fn(&str) -> String, errors: &mut Errors) -> Vec<Sent> {
    let mut params: Vec<Sent> = Vec::new();
    for input in &mut sig.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let param = Param::take(typed, &[], errors);
        if param.default.is_some() {
            errors.at(
                &param.arg,
                "a default is for those who serve it: say it in `#[service] impl`",
            );
        }
        let Pat::Ident(pat) = &*typed.pat else {
            errors.at(&typed.pat, "a parameter needs a name");
            continue;
        };
        let name = param.name.unwrap_or_default();
        let name = if param.is_named { name } else { rename(&name) };
        if params.iter().any(|other| other.name == name) {
            let message = format!("there is another parameter with the name `{name}`");
            errors.at(&typed.pat, message);
        }
        params.push(Sent {
            variable: pat.ident.clone(),
            name,
        });
    }
    params
}

fn list(attr: Attribute, errors: &mut Errors) -> TokenStream {
    match attr.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens,
        Meta::NameValue(meta) => {
            errors.at(meta, "write the URI and the options in parentheses");
            TokenStream::new()
        }
    }
}
