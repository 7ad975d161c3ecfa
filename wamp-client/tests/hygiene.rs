//! The expansions survive a hostile crate. Most of it is tested by compiling.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(
    missing_debug_implementations,
    missing_docs,
    unnameable_types,
    unreachable_pub,
    unused_qualifications,
    warnings,
    clippy::all,
    clippy::pedantic
)]
#![allow(dead_code, reason = "hostile items are there, not used")]

use ::wamp_client::{CallError, client};

struct Box;
struct Option;
struct Result;
trait Future {}
trait Send {}
#[allow(non_snake_case)]
fn Err() {}
#[allow(non_snake_case)]
fn None() {}
#[allow(non_snake_case)]
fn Ok() {}
#[allow(non_snake_case)]
fn Some() {}
fn uri() {}
fn payload() {}
fn fields() {}
mod core {}
mod serde {}
mod std {}
mod wamp_client {}

/// A trait for both sides.
#[client(prefix = "hygiene")]
pub trait Api: ::core::marker::Sync {
    /// A name and parameters that are keywords, or called like locals.
    #[procedure]
    async fn r#match(
        &self,
        r#type: u32,
        call: u32,
        prefix: u32,
    ) -> ::core::result::Result<u32, Failure>;

    /// Lifetimes, and arguments by name.
    #[::wamp_client::procedure(kwargs, rename_all = "kebab-case")]
    async fn lifetimes<'a, 'b: 'a>(&self, the_text: &'b str, other: &'a str) -> ::std::vec::Vec<u8>
    where
        Self: 'a;

    /// Nothing.
    #[deprecated]
    #[procedure]
    fn nothing(&self);

    /// Not there.
    #[cfg(any())]
    #[procedure]
    async fn absent(&self, missing: NoSuchType);
}

/// What can go wrong.
#[derive(Debug, CallError)]
pub enum Failure {
    /// Without arguments.
    #[error(uri = "hygiene.error.refused")]
    Refused,
    /// With arguments.
    #[error(uri = "hygiene.error.old", message = "old")]
    #[deprecated]
    Old(
        #[arg] u32,
        #[kwarg(name = "new")] ::core::option::Option<u32>,
    ),
    /// Logged.
    #[error(internal)]
    Io(#[from] ::std::io::Error),
    /// Passed on.
    #[error(transparent)]
    Other(#[from] Other),
}

/// Of one kind.
#[derive(Debug, CallError)]
#[error(uri = "hygiene.error.other")]
pub struct Other;

/// The runtime under another name.
pub mod renamed {
    mod facade {
        pub(crate) use ::wamp_client as wamp;
    }

    /// Through `crate = path`.
    #[facade::wamp::client(crate = facade::wamp)]
    pub(crate) trait Renamed {
        /// A method.
        #[procedure("hygiene.renamed")]
        async fn renamed(&self) -> ::core::result::Result<(), Failure>;
    }

    /// Through `crate = path`, too.
    #[derive(Debug, facade::wamp::CallError)]
    #[wamp(crate = facade::wamp, uri = "hygiene.error.renamed")]
    pub struct Failure;
}

macro_rules! generated {
    ($name:ident, $ty:ty) => {
        /// Made by a macro.
        #[client]
        pub trait Generated {
            /// Made by a macro.
            #[procedure("hygiene.generated")]
            async fn $name(&self, value: $ty) -> ::core::result::Result<$ty, Failure>;
        }
    };
}

generated!(generated, u32);

#[test]
fn clients_are_made() {
    fn is_clone<T: ::core::clone::Clone + ::core::fmt::Debug>() {}
    is_clone::<ApiClient>();
    is_clone::<GeneratedClient>();
}
