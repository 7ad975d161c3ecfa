//! The way back: from a URI and its arguments to a variant.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::field::Field;
use super::model::{Becomes, Case, ErrorType};
use crate::span::{local, shown_at};

/// The method that tries one case after the other.
///
/// Whether a field can be decoded is for its type to say: see `Readable` in the runtime.
pub(super) fn method(model: &ErrorType<'_>) -> TokenStream {
    let attempts = model.cases.iter().filter_map(attempt);
    signature(&quote! {
        #[allow(unused_imports)]
        use __rt::{Unknown as _, Unreadable as _};
        #(#attempts)*
        ::core::option::Option::None
    })
}

/// The method with another body.
pub(super) fn signature(body: &TokenStream) -> TokenStream {
    let (uri, payload) = (local("uri"), local("payload"));
    quote! {
        #[allow(unused_variables)]
        fn from_error(
            #uri: &::core::primitive::str,
            #payload: &__rt::Payload,
        ) -> ::core::option::Option<Self> {
            #body
        }
    }
}

fn attempt(Case { path, becomes, .. }: &Case<'_>) -> Option<TokenStream> {
    let (given, payload) = (local("uri"), local("payload"));
    match becomes {
        Becomes::Uri {
            uri,
            message,
            sent,
            is_complete: true,
            ..
        } => {
            let members = sent.iter().map(|field| &field.member);
            let variables = sent.iter().map(|field| &field.variable);
            let error = quote! { #path { #(#members: #variables),* } };
            if sent.is_empty() {
                return Some(quote! {
                    if #given == #uri {
                        return ::core::option::Option::Some(#error);
                    }
                });
            }
            let fields = local("fields");
            let skip = message.as_ref().map(|_| quote! { #fields.skip(); });
            let is_mut = skip.is_some() || sent.iter().any(|field| keyword(field).is_none());
            let is_mut = is_mut.then(|| quote! { mut });
            let patterns = sent.iter().map(|Field { variable, .. }| {
                quote! { ::core::option::Option::Some(#variable) }
            });
            let values = sent.iter().map(read);
            Some(quote! {
                if #given == #uri {
                    let #is_mut #fields = __rt::Fields::new(#payload);
                    #skip
                    if let (#(#patterns,)*) = (#(#values,)*) {
                        return ::core::option::Option::Some(#error);
                    }
                }
            })
        }
        Becomes::Transparent(Field {
            member,
            variable,
            ty,
            ..
        }) => {
            let known = quote_spanned! {shown_at(ty.span())=>
                __rt::Readable::<#ty>::new().known(#given, #payload)
            };
            Some(quote! {
                if let ::core::option::Option::Some(#variable) = #known {
                    return ::core::option::Option::Some(#path { #member: #variable });
                }
            })
        }
        Becomes::Uri { .. } | Becomes::Internal(_) => None,
    }
}

fn read(field: &Field<'_>) -> TokenStream {
    let argument = match keyword(field) {
        Some(keyword) => quote! { kwarg(#keyword) },
        None => quote! { arg() },
    };
    let (fields, ty) = (local("fields"), field.ty);
    quote! { __rt::Readable::<#ty>::new().read(#fields.#argument) }
}

fn keyword<'f>(field: &'f Field<'_>) -> Option<&'f str> {
    field.sent.as_ref()?.keyword.as_deref()
}
