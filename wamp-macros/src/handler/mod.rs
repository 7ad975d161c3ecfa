//! The attributes on functions: `#[procedure]`, `#[topic]`, `#[subscriber]`, `#[session]`.
//!
//! [`options`] reads what stands in the attribute, [`function`] and [`param`] what it stands on. [`model`] puts the two together;
//! [`expand`] turns the model into tokens and cannot fail, [`fallback`] is what remains of a function with mistakes.

pub(crate) mod docs;
pub(crate) mod expand;
mod fallback;
pub(crate) mod function;
mod invoke;
mod kind;
pub(crate) mod model;
pub(crate) mod options;
pub(crate) mod param;
pub(crate) mod place;
pub(crate) mod rename;
mod timeout;

use proc_macro2::TokenStream;

use self::function::Function;
pub(crate) use self::kind::Kind;
use self::model::{Called, Handler};
use self::options::Options;
use self::place::Place;
use crate::errors::Errors;

/// The whole attribute, on streams that exist outside of the compiler too: tests need no rustc to see an expansion.
pub(crate) fn attribute(kind: Kind, options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(kind, Place::Function, options, &mut errors);
    let Some(function) = errors.keep(Function::read(kind, item.clone())) else {
        return [item, errors.into_tokens()].into_iter().collect();
    };
    let handler = Handler::new(kind, options, function, Called::Function, &mut errors);
    if errors.is_empty() {
        expand::handler(&handler)
    } else {
        fallback::handler(&handler, errors)
    }
}
