//! `#[derive(CallError)]`: an error type says which URI each of its variants is.
//!
//! [`attribute`] reads `#[error(…)]`, [`field`] what is sent of a variant, [`model`] puts them together; [`expand`] and [`back`], the way there and the way back,
//! cannot fail.

mod attribute;
mod back;
mod expand;
mod field;
mod model;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::model::ErrorType;
use crate::errors::Errors;
use crate::runtime::Runtime;

/// The whole derive, on streams that exist outside of the compiler too.
pub(crate) fn derive(runtime: Runtime, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(input) = errors.keep(syn::parse2::<DeriveInput>(item)) else {
        return errors.into_tokens();
    };
    let model = ErrorType::new(runtime, &input, &mut errors);
    if errors.is_empty() {
        expand::derive(&model)
    } else {
        expand::fallback(&model, errors)
    }
}
