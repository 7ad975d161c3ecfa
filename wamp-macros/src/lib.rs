//! The macros of `wamp-server`. They are documented where that crate re-exports them, so that their examples can use it.
//!
//! # Layout
//!
//! Every macro is read, modelled, and expanded; mistakes are collected on the way and the expansion cannot make any.
//!
//! - `handler`: the attributes on functions. `service`: on methods. `api`: on traits that both sides share. `call_error`: the derive.
//! - `uri`, `list`, `span`, `errors`: what they share.

mod api;
mod call_error;
mod errors;
mod handler;
mod list;
mod runtime;
mod service;
mod span;
#[cfg(test)]
mod tests;
mod uri;

use proc_macro::TokenStream;

use crate::handler::Kind;
use crate::runtime::Runtime;

#[allow(missing_docs, reason = "documented on the re-export")]
#[proc_macro_attribute]
pub fn procedure(options: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(Kind::Procedure, options.into(), item.into()).into()
}

#[allow(missing_docs, reason = "documented on the re-export")]
#[proc_macro_attribute]
pub fn client(options: TokenStream, item: TokenStream) -> TokenStream {
    api::attribute(Runtime::Client, options.into(), item.into()).into()
}

#[allow(missing_docs, reason = "documented on the re-export")]
#[proc_macro_attribute]
pub fn service(options: TokenStream, item: TokenStream) -> TokenStream {
    service::attribute(options.into(), item.into()).into()
}

#[allow(missing_docs, reason = "documented on the re-export")]
#[proc_macro_attribute]
pub fn session(options: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(Kind::Session, options.into(), item.into()).into()
}

#[allow(missing_docs, reason = "documented on the re-export")]
#[proc_macro_attribute]
pub fn subscriber(options: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(Kind::Subscriber, options.into(), item.into()).into()
}

#[allow(missing_docs, reason = "documented on the re-export")]
#[proc_macro_attribute]
pub fn topic(options: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(Kind::Topic, options.into(), item.into()).into()
}

#[allow(missing_docs, reason = "documented on the re-export")]
#[proc_macro_derive(CallError, attributes(error, wamp, arg, kwarg, from, source))]
pub fn call_error(item: TokenStream) -> TokenStream {
    call_error::derive(Runtime::Server, item.into()).into()
}

#[allow(missing_docs, reason = "documented on the re-export")]
#[proc_macro_derive(ClientCallError, attributes(error, wamp, arg, kwarg, from, source))]
pub fn client_call_error(item: TokenStream) -> TokenStream {
    call_error::derive(Runtime::Client, item.into()).into()
}
