//! The trait, and what it says to those who implement it. Nothing here can fail.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ReturnType;
use syn::spanned::Spanned;

use super::model::{Api, Procedure};
use crate::handler::docs::docs;
use crate::handler::function::cfgs;
use crate::service::constant;
use crate::span::shown_at;

/// The trait, with a constant beside each method.
pub(crate) fn api(api: &Api) -> TokenStream {
    let declaration = &api.declaration;
    let (attrs, vis, name) = (&declaration.attrs, &declaration.vis, &declaration.name);
    let (generics, bounds) = (&declaration.generics, &declaration.bounds);
    let methods = api.methods.iter().map(|it| method(api, it));
    let others = &api.others;
    quote! {
        #(#attrs)*
        #vis trait #name #generics #bounds {
            #(#methods)*
            #(#others)*
        }
    }
}

fn method(api: &Api, procedure: &Procedure) -> TokenStream {
    let Procedure {
        attrs, uri, params, ..
    } = procedure;
    let sig = signature(procedure);
    let constant = constant(&procedure.sig.ident);
    let (cfgs, docs) = (cfgs(attrs), docs(attrs));
    let krate = &api.options.krate;
    let params = params.iter().map(|it| &it.name);
    quote! {
        #(#attrs)*
        #sig;

        #cfgs
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        const #constant: #krate::__private::Declared = #krate::__private::Declared {
            uri: #uri,
            params: &[#(#params),*],
            docs: #docs,
        };
    }
}

/// Without `async`: whoever is generic over the trait could not know that the future is `Send`.
fn signature(procedure: &Procedure) -> TokenStream {
    let mut sig = procedure.sig.clone();
    let Some(asyncness) = sig.asyncness.take() else {
        return quote! { #sig };
    };
    let output = match &sig.output {
        ReturnType::Default => quote! { () },
        ReturnType::Type(_, ty) => quote! { #ty },
    };
    sig.output = ReturnType::Default;
    let place = shown_at(asyncness.span());
    let future = quote_spanned! {place=>
        impl ::core::future::Future<Output = #output> + ::core::marker::Send
    };
    let bounds = sig.generics.where_clause.take();
    quote! { #sig -> #future #bounds }
}
