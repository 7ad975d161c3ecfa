//! The annotated `impl`: its head parsed, and the signatures of its methods. Bodies are left alone.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Error, Generics, ImplItem, Path, Result, Signature, Token, Type, Visibility, braced,
};

use crate::handler::function::Function;

/// An `impl` as far as the attribute cares.
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) generics: Generics,
    pub(crate) api: Option<Path>,
    pub(crate) ty: Type,
    pub(crate) items: Vec<Item>,
}

/// What stands between the braces.
#[expect(clippy::large_enum_variant, reason = "most are functions")]
pub(crate) enum Item {
    Function(Function),
    Other(TokenStream),
}

impl Block {
    /// Reads the item that `#[service]` stands on.
    pub(crate) fn read(item: TokenStream) -> Result<Self> {
        syn::parse2(item).map_err(|error| {
            let message = format!("`#[service]` belongs on an `impl`, or on a trait: {error}");
            Error::new(error.span(), message)
        })
    }

    /// `Api for` and the like.
    pub(crate) fn head(&self) -> TokenStream {
        let (generics, _, bounds) = self.generics.split_for_impl();
        let (api, ty) = (&self.api, &self.ty);
        let api = api.as_ref().map(|api| quote! { #api for });
        quote! { impl #generics #api #ty #bounds }
    }
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        input.parse::<Token![impl]>()?;
        let mut generics = if input.peek(Token![<]) {
            input.parse()?
        } else {
            Generics::default()
        };
        let mut ty: Type = input.parse()?;
        let mut api = None;
        if input.parse::<Option<Token![for]>>()?.is_some() {
            match ty {
                Type::Path(path) if path.qself.is_none() => api = Some(path.path),
                other => return Err(Error::new_spanned(other, "expected a trait")),
            }
            ty = input.parse()?;
        }
        generics.where_clause = input.parse()?;
        let content;
        braced!(content in input);
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self {
            attrs,
            generics,
            api,
            ty,
            items,
        })
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let fork = input.fork();
        match function(&fork) {
            Ok(function) => {
                input.advance_to(&fork);
                Ok(Self::Function(function))
            }
            Err(_) => Ok(Self::Other(input.parse::<ImplItem>()?.into_token_stream())),
        }
    }
}

fn function(input: ParseStream<'_>) -> Result<Function> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    let sig: Signature = input.parse()?;
    let body: Group = input.parse()?;
    Ok(Function {
        attrs,
        vis,
        sig,
        body: body.into_token_stream(),
    })
}
