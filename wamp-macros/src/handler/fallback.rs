//! What remains of a function with mistakes: enough that they are the only errors which the user sees.

use proc_macro2::TokenStream;
use quote::quote;

use super::expand;
use super::model::Handler;
use crate::errors::Errors;

/// The function, so that its callers compile; its name for `procedures![…]`; and the mistakes.
pub(crate) fn handler(handler: &Handler, errors: Errors) -> TokenStream {
    let function = handler.function.tokens();
    let errors = errors.into_tokens();
    // There are no types in the middle of an `impl`.
    if handler.function.sig.receiver().is_some() {
        return quote! { #function #errors };
    }
    let marker = expand::marker(handler);
    let implementation = expand::implementation(handler, &quote! { ::core::panic!() });
    let descriptor = expand::scope(handler, &implementation);
    quote! {
        #function
        #marker
        #descriptor
        #errors
    }
}
