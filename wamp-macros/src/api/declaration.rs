//! The annotated trait, parsed.

use proc_macro2::{Group, TokenStream};
use quote::ToTokens;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Error, Generics, Ident, Result, Signature, Token, TraitItem, Visibility, braced,
};

use crate::runtime::Runtime;

/// A trait as far as the attribute cares.
pub(crate) struct Declaration {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    /// `: Send + Sync` and `where`, as written.
    pub(crate) bounds: TokenStream,
    pub(crate) items: Vec<Item>,
}

/// What stands between the braces.
#[expect(clippy::large_enum_variant, reason = "most are methods")]
pub(crate) enum Item {
    Method(Method),
    Other(TokenStream),
}

/// A method without its `;`.
pub(crate) struct Method {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) sig: Signature,
    pub(crate) body: Option<Group>,
}

impl Declaration {
    /// Reads the item that the attribute stands on.
    pub(crate) fn read(runtime: Runtime, item: TokenStream) -> Result<Self> {
        syn::parse2(item).map_err(|error| {
            let attribute = runtime.attribute();
            let message = format!("`#[{attribute}]` belongs on a trait: {error}");
            Error::new(error.span(), message)
        })
    }
}

impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        input.parse::<Token![trait]>()?;
        let name = input.parse()?;
        let generics = input.parse()?;
        let mut bounds = TokenStream::new();
        while !input.is_empty() && !input.peek(syn::token::Brace) {
            bounds.extend([input.parse::<proc_macro2::TokenTree>()?]);
        }
        let content;
        braced!(content in input);
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self {
            attrs,
            vis,
            name,
            generics,
            bounds,
            items,
        })
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let fork = input.fork();
        match method(&fork) {
            Ok(method) => {
                input.advance_to(&fork);
                Ok(Self::Method(method))
            }
            Err(_) => Ok(Self::Other(input.parse::<TraitItem>()?.into_token_stream())),
        }
    }
}

fn method(input: ParseStream<'_>) -> Result<Method> {
    let attrs = input.call(Attribute::parse_outer)?;
    let sig = input.parse()?;
    let body = match input.parse::<Option<Token![;]>>()? {
        Some(_) => None,
        None => Some(input.parse()?),
    };
    Ok(Method { attrs, sig, body })
}
