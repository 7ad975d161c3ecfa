//! The annotated function: its signature parsed, its body left alone.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Error, FnArg, GenericParam, Meta, Result, Safety, Signature, Token, Visibility,
};

use super::kind::Kind;
use crate::errors::Errors;

/// For so many the runtime has tuples of arguments.
const MAX_PARAMS: usize = 12;

/// A function as far as the attribute cares.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// Not parsed: rustc and rust-analyzer report mistakes in it better, also while the user is typing.
    pub(crate) body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        Ok(Self {
            attrs: input.call(Attribute::parse_outer)?,
            vis: input.parse()?,
            sig: input.parse()?,
            body: input.parse()?,
        })
    }
}

impl Function {
    /// Reads the item that `#[kind]` stands on.
    pub(crate) fn read(kind: Kind, item: TokenStream) -> Result<Self> {
        syn::parse2(item).map_err(|error| {
            let attribute = kind.attribute();
            let message = format!("`#[{attribute}]` belongs on a function: {error}");
            Error::new(error.span(), message)
        })
    }

    /// The function as the user wrote it, but for the attributes that were taken away since.
    pub(crate) fn tokens(&self) -> TokenStream {
        let Self {
            attrs,
            vis,
            sig,
            body,
        } = self;
        quote! { #(#attrs)* #vis #sig #body }
    }

    pub(crate) fn is_async(&self) -> bool {
        self.sig.asyncness.is_some()
    }

    /// The `#[cfg]`s, which have to guard everything that mentions the function.
    ///
    /// Of a `#[cfg_attr]` only the `cfg`s are taken: its other attributes mean the function and nothing else.
    pub(crate) fn cfgs(&self) -> TokenStream {
        cfgs(&self.attrs)
    }

    /// Reports what no handler can be.
    pub(crate) fn check(&self, kind: Kind, errors: &mut Errors) {
        let attribute = kind.attribute();
        if let Safety::Unsafe(token) = &self.sig.safety {
            errors.at(
                token,
                format!("a {attribute} cannot be `unsafe`: clients call it"),
            );
        }
        for param in &self.sig.generics.params {
            if !matches!(param, GenericParam::Lifetime(_)) {
                let message = format!(
                    "a {attribute} cannot be generic: it is one function with one description"
                );
                errors.at(param, message);
            }
        }
        let mut params = self
            .sig
            .inputs
            .iter()
            .filter(|it| matches!(it, FnArg::Typed(_)));
        if let Some(surplus) = params.nth(MAX_PARAMS) {
            let message =
                format!("a {attribute} has at most {MAX_PARAMS} parameters: make a struct of some");
            errors.at(surplus, message);
        }
    }

    /// The names of the lifetimes that the function declares.
    pub(crate) fn lifetimes(&self) -> Vec<Ident> {
        let lifetimes = self.sig.generics.lifetimes();
        lifetimes
            .map(|param| param.lifetime.ident.clone())
            .collect()
    }
}

/// The `#[cfg]`s among attributes.
pub(crate) fn cfgs(attrs: &[Attribute]) -> TokenStream {
    let metas = attrs.iter().filter_map(|attr| conditions(&attr.meta));
    quote! { #(#[#metas])* }
}

/// What is left of an attribute when all but `cfg`s are removed.
fn conditions(meta: &Meta) -> Option<TokenStream> {
    if meta.path().is_ident("cfg") {
        return Some(quote! { #meta });
    }
    if !meta.path().is_ident("cfg_attr") {
        return None;
    }
    let list = meta.require_list().ok()?;
    let (condition, attrs) = list.parse_args_with(cfg_attr).ok()?;
    let kept = attrs.iter().filter_map(conditions).collect::<Vec<_>>();
    (!kept.is_empty()).then(|| quote! { cfg_attr(#condition, #(#kept),*) })
}

/// `condition, attribute, attribute`.
fn cfg_attr(input: ParseStream<'_>) -> Result<(Meta, Vec<Meta>)> {
    let condition = input.parse()?;
    input.parse::<Token![,]>()?;
    let attrs = input.parse_terminated(Meta::parse, Token![,])?;
    Ok((condition, attrs.into_iter().collect()))
}
