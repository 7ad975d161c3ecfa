//! Model in, tokens out. Nothing here can fail.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::back;
use super::field::Field;
use super::model::{Becomes, Case, Cause, ErrorType};
use crate::errors::Errors;
use crate::span::shown_at;

/// `IntoError`, `FromError`, and `From` where it was asked for.
pub(crate) fn derive(model: &ErrorType<'_>) -> TokenStream {
    let arms = model.cases.iter().map(arm);
    implementations(
        model,
        &quote! { match self { #(#arms)* } },
        &back::method(model),
    )
}

/// What remains of a type with mistakes: enough that they are the only errors which the user sees.
pub(crate) fn fallback(model: &ErrorType<'_>, errors: Errors) -> TokenStream {
    let panic = quote! { ::core::panic!() };
    let implementations = implementations(model, &panic, &back::signature(&panic));
    let errors = errors.into_tokens();
    quote! { #implementations #errors }
}

fn implementations(model: &ErrorType<'_>, body: &TokenStream, back: &TokenStream) -> TokenStream {
    let krate = &model.krate;
    let into_error = implement(
        model,
        &quote! { __rt::IntoError },
        &quote! {
            fn into_error(self) -> __rt::Failure {
                #body
            }
        },
    );
    let from_error = implement(model, &quote! { __rt::FromError }, back);
    let froms = model.cases.iter().filter_map(|case| {
        let Field { member, ty, .. } = case.from.as_ref()?;
        let path = &case.path;
        Some(implement(
            model,
            &quote! { ::core::convert::From<#ty> },
            &quote! {
                fn from(value: #ty) -> Self {
                    #path { #member: value }
                }
            },
        ))
    });
    quote! {
        // Where they see the runtime as `__rt`, and nobody sees them.
        const _: () = {
            use #krate::__private as __rt;
            #into_error
            #from_error
            #(#froms)*
        };
    }
}

/// `impl name for the type { items }`.
fn implement(model: &ErrorType<'_>, name: &TokenStream, items: &TokenStream) -> TokenStream {
    let ident = &model.input.ident;
    let (generics, arguments, bounds) = model.input.generics.split_for_impl();
    quote! {
        #[allow(deprecated)]
        #[automatically_derived]
        impl #generics #name for #ident #arguments #bounds {
            #items
        }
    }
}

/// One arm of the `match`. What is wrong with a field's type is shown there.
fn arm(Case { path, becomes, .. }: &Case<'_>) -> TokenStream {
    match becomes {
        Becomes::Uri {
            uri,
            message,
            sent,
            cause,
            ..
        } => {
            let message = message.as_ref().map(|message| quote! { .arg(#message) });
            let fields = sent.iter().chain(cause).map(binding);
            let sent = sent.iter().map(send);
            let because = cause.as_ref().map(|Field { variable, ty, .. }| {
                quote_spanned! {shown_at(ty.span())=> .because(#variable) }
            });
            quote! { #path { #(#fields,)* .. } => __rt::Failure::new(#uri) #message #(#sent)* #because, }
        }
        Becomes::Internal(Cause::Name(name)) => {
            quote! { #path { .. } => __rt::Failure::internal(#name), }
        }
        Becomes::Internal(Cause::Field(field)) => {
            let (binding, Field { variable, ty, .. }) = (binding(field), field);
            let error = quote_spanned! {shown_at(ty.span())=> __rt::Failure::internal(#variable) };
            quote! { #path { #binding, .. } => #error, }
        }
        Becomes::Transparent(field) => {
            let (binding, Field { variable, ty, .. }) = (binding(field), field);
            let error =
                quote_spanned! {shown_at(ty.span())=> __rt::IntoError::into_error(#variable) };
            quote! { #path { #binding } => #error, }
        }
    }
}

fn binding(
    Field {
        member, variable, ..
    }: &Field<'_>,
) -> TokenStream {
    quote! { #member: #variable }
}

fn send(
    Field {
        variable, ty, sent, ..
    }: &Field<'_>,
) -> TokenStream {
    match sent.as_ref().and_then(|sent| sent.keyword.as_ref()) {
        Some(keyword) => quote_spanned! {shown_at(ty.span())=> .kwarg(#keyword, #variable) },
        None => quote_spanned! {shown_at(ty.span())=> .arg(#variable) },
    }
}
