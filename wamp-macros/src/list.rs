//! `a, b = 1, c`: what stands between the parentheses of every attribute of this crate.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, LitStr, Meta, Result, Token, parenthesized, token};

use crate::errors::Errors;

/// Calls `element` for each element of the list; a mistake costs its own element only, the rest is still read.
pub(crate) fn each(
    tokens: TokenStream,
    errors: &mut Errors,
    mut element: impl FnMut(ParseStream<'_>, &mut Errors) -> Result<()>,
) {
    let result = (|input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = element(input, errors).and_then(|()| end_of_element(input)) {
                errors.push(error);
                skip_element(input)?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    })
    .parse2(tokens);
    errors.keep(result);
}

/// [`each`] for the list of an attribute: `#[attribute(list)]`; `#[attribute]` has an empty one.
pub(crate) fn each_in(
    attribute: &Attribute,
    errors: &mut Errors,
    element: impl FnMut(ParseStream<'_>, &mut Errors) -> Result<()>,
) {
    match &attribute.meta {
        Meta::Path(_) => {}
        Meta::List(list) => each(list.tokens.clone(), errors, element),
        Meta::NameValue(meta) => errors.at(meta, "write the options in parentheses"),
    }
}

fn end_of_element(input: ParseStream<'_>) -> Result<()> {
    if is_end_of_element(input) {
        Ok(())
    } else {
        Err(input.error("expected `,`"))
    }
}

fn skip_element(input: ParseStream<'_>) -> Result<()> {
    while !is_end_of_element(input) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn is_end_of_element(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

/// The name of an option, which may be a keyword, as in `crate = path`.
pub(crate) fn key(input: ParseStream<'_>) -> Result<Ident> {
    input
        .call(Ident::parse_any)
        .map_err(|error| Error::new(error.span(), "expected the name of an option"))
}

/// The `= value` of the option `key`; `example` shows a good one.
pub(crate) fn value<T: Parse>(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<T> {
    let equals = input.parse::<Option<Token![=]>>()?;
    if equals.is_none() || is_end_of_element(input) {
        let message = format!("`{key}` needs a value, as in `{example}`");
        return Err(Error::new_spanned(key, message));
    }
    input
        .parse()
        .map_err(|error| Error::new(error.span(), format!("{error}, as in `{example}`")))
}

/// The texts in parentheses that follow the option `key`: at least one, each once.
pub(crate) fn texts(input: ParseStream<'_>, key: &Ident, example: &str) -> Result<Vec<LitStr>> {
    let expected = || format!("`{key}` needs a list of texts, as in `{example}`");
    if !input.peek(token::Paren) {
        return Err(Error::new_spanned(key, expected()));
    }
    let content;
    let parentheses = parenthesized!(content in input);
    // All of it, or what is left would be reported, too.
    let tokens = content.parse()?;
    let texts = Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(tokens);
    let texts = texts.map_err(|error| Error::new(error.span(), expected()))?;
    if texts.is_empty() {
        return Err(Error::new(parentheses.span.join(), expected()));
    }
    let mut seen = HashSet::new();
    match texts.iter().find(|text| !seen.insert(text.value())) {
        Some(again) => Err(Error::new_spanned(again, "this is there twice")),
        None => Ok(texts.into_iter().collect()),
    }
}

/// Makes sure that the option `key`, which is on when it is there, has no value.
pub(crate) fn flag(input: ParseStream<'_>, key: &Ident) -> Result<()> {
    if input.peek(Token![=]) {
        let message = format!("`{key}` takes no value: write it or leave it out");
        return Err(input.error(message));
    }
    Ok(())
}
