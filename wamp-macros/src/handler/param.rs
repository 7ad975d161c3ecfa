//! One parameter: `#[arg(name = "docId", default)] id: Option<u64>`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, LitStr, Pat, PatType, Result, Token, Type};

use crate::errors::Errors;
use crate::list;
use crate::span::shown_at;

/// A parameter as its author describes it.
pub(crate) struct Param {
    /// What a capture or a caller may call it; `None` for a pattern, which has a position only.
    pub(crate) name: Option<String>,
    /// Whether the name was given, rather than being that of the variable.
    pub(crate) is_named: bool,
    /// As written, but lifetimes of the function are `'_`: the descriptor is not generic.
    pub(crate) ty: TokenStream,
    /// A function or closure that makes the value of a caller who sends none.
    pub(crate) default: Option<TokenStream>,
    /// The pattern, and the attribute if there is one: places for errors.
    pub(crate) pat: Pat,
    pub(crate) arg: Option<Attribute>,
}

impl Param {
    /// Reads a parameter and takes its `#[arg]`s away.
    pub(crate) fn take(typed: &mut PatType, lifetimes: &[Ident], errors: &mut Errors) -> Self {
        let mut param = Self {
            name: variable(&typed.pat),
            is_named: false,
            ty: elide(typed.ty.to_token_stream(), lifetimes),
            default: None,
            pat: (*typed.pat).clone(),
            arg: None,
        };
        if let Type::ImplTrait(ty) = &*typed.ty {
            errors.at(ty, "name a concrete type: the value is decoded into it");
        }
        for attr in &typed.attrs {
            if attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr") {
                errors.at(
                    attr,
                    "a parameter cannot be conditional: put the condition on the function",
                );
            }
        }
        let is_arg = |attr: &mut Attribute| attr.path().is_ident("arg");
        for attr in typed.attrs.extract_if(.., is_arg) {
            param.read(&attr, errors);
            param.arg = Some(attr);
        }
        param
    }

    fn read(&mut self, attr: &Attribute, errors: &mut Errors) {
        list::each_in(attr, errors, |input, _| {
            let key = list::key(input)?;
            if key == "name" {
                let name: LitStr = list::value(input, &key, r#"name = "docId""#)?;
                self.set_name(&key, &name)
            } else if key == "default" {
                let default = if input.peek(Token![=]) {
                    let expr: Expr = list::value(input, &key, "default = 10")?;
                    // The closure is shown at the expression but is not the user's: clippy must not find it redundant.
                    quote_spanned! {shown_at(expr.span())=> || #expr }
                } else {
                    quote_spanned! {shown_at(key.span())=> ::core::default::Default::default }
                };
                once(&key, self.default.replace(default).is_some())
            } else {
                let known = "`name = \"docId\"`, `default`, `default = 10`";
                Err(Error::new_spanned(
                    &key,
                    format!("`#[arg]` has no option `{key}`; it has {known}"),
                ))
            }
        });
    }

    fn set_name(&mut self, key: &Ident, name: &LitStr) -> Result<()> {
        if name.value().is_empty() {
            return Err(Error::new_spanned(
                name,
                "the name of an argument cannot be empty",
            ));
        }
        self.name = Some(name.value());
        once(key, std::mem::replace(&mut self.is_named, true))
    }
}

fn once(key: &Ident, was_given: bool) -> Result<()> {
    if was_given {
        return Err(Error::new_spanned(key, format!("`{key}` is given twice")));
    }
    Ok(())
}

fn variable(pat: &Pat) -> Option<String> {
    match pat {
        // On the wire `r#type` is `type`.
        Pat::Ident(pat) => Some(pat.ident.unraw().to_string()),
        _ => None,
    }
}

/// Replaces `'a` by `'_` where `'a` is one of `lifetimes`: the compiler infers in an expression what a signature has to name.
fn elide(ty: TokenStream, lifetimes: &[Ident]) -> TokenStream {
    if lifetimes.is_empty() {
        return ty;
    }
    let mut after_quote = false;
    let elided = ty.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let stream = elide(group.stream(), lifetimes);
            let mut elided = proc_macro2::Group::new(group.delimiter(), stream);
            elided.set_span(group.span());
            elided.into()
        }
        TokenTree::Ident(ident) if after_quote && lifetimes.contains(&ident) => {
            after_quote = false;
            Ident::new("_", ident.span()).into()
        }
        token => {
            after_quote = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
            token
        }
    });
    elided.collect()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn only_lifetimes_of_the_function_are_elided() {
        let ty = quote! { State<'a, Map<&'static str, fn(&'b a) -> (&'a a,)>> };
        let a = Ident::new("a", proc_macro2::Span::call_site());
        let expected = quote! { State<'_, Map<&'static str, fn(&'b a) -> (&'_ a,)>> };
        assert_eq!(elide(ty, &[a]).to_string(), expected.to_string());
    }
}
