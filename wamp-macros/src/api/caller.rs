//! The client: a type with the methods of the trait. Nothing here can fail.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::model::{Api, Procedure, TAKEN};
use super::returned::Outcome;
use crate::handler::function::cfgs;
use crate::span::shown_at;

/// `DocsClient` for the trait `Docs`. Where that has mistakes, it calls nothing, so that they are the only errors.
pub(crate) fn client(api: &Api, is_broken: bool) -> TokenStream {
    let declaration = &api.declaration;
    let (vis, name, krate) = (&declaration.vis, &declaration.name, &api.options.krate);
    let client = format_ident!("{}Client", name.unraw(), span = name.span());
    let cfgs = cfgs(&declaration.attrs);
    let about = format!(" Calls the procedures of [`{name}`].");
    // Those are a mistake, which was reported.
    let is_taken = |it: &Procedure| TAKEN.iter().any(|taken| it.sig.ident == taken);
    let methods = api.methods.iter().filter(|it| !is_taken(it));
    let methods = methods.map(|it| method(api, it, is_broken));
    // Nobody has to use all of an API, and users cannot say so at code that is not theirs.
    quote! {
        #cfgs
        #[doc = #about]
        #[allow(dead_code)]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #vis struct #client(#krate::__private::Caller);

        #cfgs
        #[allow(deprecated)]
        const _: () = {
            use #krate::__private as __rt;

            #[allow(dead_code, unused_variables, clippy::needless_lifetimes)]
            impl #client {
                /// Calls by way of this client.
                #[must_use]
                #vis fn new(client: __rt::Client) -> Self {
                    Self(__rt::Caller::new(client))
                }

                /// The same with `prefix` and a dot before all URIs: what is served by `App::service_at`.
                #[must_use]
                #vis fn at(client: __rt::Client, prefix: &::core::primitive::str) -> Self {
                    Self(__rt::Caller::at(client, prefix))
                }

                /// What it calls by way of.
                #[must_use]
                #vis fn client(&self) -> &__rt::Client {
                    self.0.client()
                }

                #(#methods)*
            }
        };
    }
}

fn method(api: &Api, procedure: &Procedure, is_broken: bool) -> TokenStream {
    let Procedure {
        attrs, sig, uri, ..
    } = procedure;
    let vis = &api.declaration.vis;
    let (name, inputs) = (&sig.ident, &sig.inputs);
    let (generics, _, bounds) = sig.generics.split_for_impl();
    let (call, typed) = typed(procedure);
    // The user's own, or it would not be that of the method.
    let this = sig.receiver().map(|receiver| &receiver.self_token);
    let place = shown_at(name.span());
    let arguments = procedure.params.iter().map(|param| {
        let (variable, wire) = (&param.variable, &param.name);
        let place = shown_at(variable.span());
        if procedure.kwargs {
            quote_spanned! {place=> .kwarg(#wire, #variable) }
        } else {
            quote_spanned! {place=> .arg(#variable) }
        }
    });
    let body = if is_broken {
        quote! { ::core::panic!() }
    } else {
        quote_spanned! {place=> #typed(#this.0.call(#uri)#(#arguments)*) }
    };
    quote_spanned! {place=>
        #(#attrs)*
        #vis fn #name #generics (#inputs) -> #call #bounds {
            #body
        }
    }
}

/// The type of what is to be awaited, and the function that makes it of an untyped call.
///
/// What is wrong with a type is found in the arguments of that function, and shown there.
fn typed(procedure: &Procedure) -> (TokenStream, TokenStream) {
    let progress = match &procedure.progress {
        Some(progress) => quote! { #progress },
        None => quote! { __rt::NoProgress },
    };
    let (value, error) = match &procedure.result {
        Outcome::Plain(value) => {
            let ty = quote! { __rt::TypedCall<#value, __rt::CallError, #progress> };
            return (ty, quote! { __rt::plain::<#value, #progress> });
        }
        Outcome::Fallible(value, error) => (value.clone(), error.clone()),
        Outcome::Aliased(ty) => {
            let fallible = quote_spanned! {shown_at(ty.span())=> <#ty as __rt::Fallible> };
            (quote! { #fallible::Value }, quote! { #fallible::Error })
        }
    };
    (
        quote! { __rt::TypedCall<#value, __rt::TypedError<#error>, #progress> },
        quote! { __rt::fallible::<#value, #error, #progress> },
    )
}
