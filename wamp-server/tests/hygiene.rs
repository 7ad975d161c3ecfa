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
#![allow(
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    reason = "about the functions themselves, not about what becomes of them"
)]

use ::wamp_server::{CallError, Param, Session, procedure, service, session, subscriber, topic};

struct Box;
struct Option;
struct Pin;
struct Result;
trait Default {}
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
mod core {}
mod serde {}
mod std {}
mod tokio {}
mod wamp_server {}

/// Parameters and a function called like the expansion's own locals.
#[procedure("hygiene.call")]
pub async fn call(call: u32, bound: u32, value: u32) -> u32 {
    call + bound + value
}

/// Defaults that are paths, closures and constants of the user.
#[procedure("hygiene.defaults")]
pub fn defaults(
    #[arg(default = BOUND)] bound: u32,
    #[arg(default = make())] made: u32,
    #[arg(default)] blank: u32,
) -> u32 {
    bound + made + blank
}

const BOUND: u32 = 1;

fn make() -> u32 {
    2
}

/// Keywords are ordinary names on the wire.
#[procedure("hygiene.raw")]
pub async fn r#match(r#type: u32) -> u32 {
    r#type
}

/// Its descriptor calls it all the same.
#[procedure("hygiene.deprecated")]
#[deprecated]
pub async fn deprecated() {}

/// Not there, nor is anything that mentions it.
#[procedure("hygiene.absent")]
#[cfg(any())]
pub async fn absent(missing: NoSuchType) {}

/// The same, said in two steps.
#[procedure("hygiene.absent")]
#[cfg_attr(all(), cfg(any()), must_use)]
pub async fn absent_too(missing: NoSuchType) {}

/// Patterns have no name.
#[procedure("hygiene.pattern")]
pub async fn pattern((first, _): (u32, u32), _: u32) -> u32 {
    first
}

/// What borrows from its parameters may say from which one.
#[procedure("hygiene.lifetimes")]
pub fn lifetimes<'a>(chosen: &'a str, other: &str) -> &'a str {
    chosen.get(other.len()..).unwrap_or(chosen)
}

/// Some functions block.
#[procedure("hygiene.blocking", blocking)]
pub fn blocking(n: u32) -> u32 {
    n
}

/// The return type is an alias that no macro can see through.
#[procedure("hygiene.alias")]
pub async fn alias(fail: bool) -> Answer {
    if fail {
        ::core::result::Result::Err(Failure::Refused { code: 1 })
    } else {
        ::core::result::Result::Ok(0)
    }
}

type Answer = ::core::result::Result<u32, Failure>;

/// What can go wrong.
#[derive(Debug, CallError)]
pub enum Failure {
    /// Sent.
    #[error(uri = "hygiene.error.refused")]
    Refused {
        /// Why.
        #[kwarg]
        code: u32,
    },
    /// Logged.
    #[error(internal)]
    Io(#[from] ::std::io::Error),
    /// Old.
    #[error(uri = "hygiene.error.old", message = "old")]
    #[deprecated]
    Old(#[arg] u32, #[kwarg(name = "new")] u32),
}

/// A guard.
#[topic("hygiene.{id}.guard")]
pub async fn guard(session: &Session, id: u32) -> ::std::string::String {
    ::std::format!("{id} {session:?}")
}

/// Nothing to hold.
#[topic("hygiene.nothing")]
pub fn nothing() {}

/// A feed.
#[topic("hygiene.feed")]
pub async fn feed() -> impl ::futures_core::Stream<Item = u32> {
    ::futures_util::stream::empty()
}

/// A feed, perhaps.
#[topic("hygiene.fallible_feed")]
pub fn fallible_feed() -> ::core::result::Result<impl ::futures_core::Stream<Item = u32>, Failure> {
    ::core::result::Result::Ok(::futures_util::stream::empty())
}

/// A guard, perhaps.
#[topic("hygiene.fallible_guard")]
pub async fn fallible_guard() -> ::core::result::Result<::std::vec::Vec<u8>, Failure> {
    ::core::result::Result::Ok(::std::vec::Vec::new())
}

/// Without result.
#[subscriber("hygiene.event")]
pub fn event(text: &str, _: u32) {
    let _ = text;
}

/// With a result.
#[subscriber("hygiene.fallible_event", strict)]
pub async fn fallible_event() -> ::core::result::Result<(), Failure> {
    ::core::result::Result::Ok(())
}

/// Guards the session.
#[session]
pub async fn open(session: &Session) -> ::core::result::Result<::std::string::String, Failure> {
    ::core::result::Result::Ok(::std::format!("{session:?}"))
}

/// Guards nothing.
#[session(realm = "admins")]
pub fn open_admins() {}

/// A service whose methods and parameters are called like locals of the expansion.
#[derive(Debug)]
pub struct Service<T>(pub T);

#[service(prefix = "hygiene.service")]
impl<T: ::core::marker::Send + ::core::marker::Sync + ::core::clone::Clone + 'static> Service<T> {
    /// A constant.
    pub const LIMIT: u32 = 1;

    /// Parameters called like locals.
    #[procedure]
    pub async fn methods(&self, service: u32, definition: u32, call: u32) -> u32 {
        service + definition + call
    }

    /// A name that is a keyword.
    #[procedure]
    pub fn r#match(&self, r#type: u32, #[arg(default = BOUND)] bound: u32) -> Answer {
        ::core::result::Result::Ok(r#type + bound)
    }

    /// Lifetimes.
    #[::wamp_server::procedure("lifetimes")]
    pub fn lifetimes<'s, 'a: 's>(&'s self, chosen: &'a str, other: &str) -> &'s str {
        chosen.get(other.len()..).unwrap_or(chosen)
    }

    /// Old.
    #[deprecated]
    #[procedure("deprecated", blocking)]
    pub fn deprecated(&self) {}

    /// Not there.
    #[cfg(any())]
    #[procedure]
    pub async fn absent(&self, missing: NoSuchType) {}

    /// A feed.
    #[topic("feed")]
    pub fn feed(&self) -> impl ::futures_core::Stream<Item = u32> + use<T> {
        ::futures_util::stream::empty()
    }

    /// A guard.
    #[session]
    pub async fn open(&self, session: &Session) -> ::std::string::String {
        ::std::format!("{session:?}")
    }

    /// Without result.
    #[subscriber]
    pub async fn event(&self, text: &str) {
        let _ = text;
    }
}

/// A trait for both sides.
#[service(prefix = "hygiene.api")]
pub trait Api: ::core::marker::Sync
where
    Self: ::core::marker::Sized,
{
    /// A name that is a keyword.
    #[procedure]
    async fn r#match(&self, r#type: u32) -> ::core::result::Result<u32, Failure>;

    /// Lifetimes.
    #[procedure]
    async fn lifetimes<'a>(&self, text: &'a str, other: &str) -> &'a str
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

/// Implements it.
#[derive(Debug)]
pub struct Implementation;

#[service]
impl Api for Implementation {
    async fn r#match(&self, r#type: u32) -> Answer {
        ::core::result::Result::Ok(r#type)
    }

    async fn lifetimes<'a>(&self, text: &'a str, other: &str) -> &'a str
    where
        Self: 'a,
    {
        text.get(other.len()..).unwrap_or(text)
    }

    fn nothing(&self) {}

    #[cfg(any())]
    async fn absent(&self, missing: NoSuchType) {}
}

/// The runtime under another name.
pub mod renamed {
    mod facade {
        pub(crate) use ::wamp_server as wamp;
    }

    /// Through `crate = path`.
    #[facade::wamp::procedure("hygiene.renamed", crate = facade::wamp)]
    pub async fn renamed() -> ::core::result::Result<(), Failure> {
        ::core::result::Result::Err(Failure)
    }

    /// A service.
    #[derive(Debug)]
    pub struct Service;

    #[facade::wamp::service(crate = facade::wamp)]
    impl Service {
        /// Through `crate = path`, too.
        #[procedure("hygiene.renamed_method")]
        pub async fn renamed(&self) -> ::core::result::Result<(), Failure> {
            ::core::result::Result::Err(Failure)
        }
    }

    /// Through `crate = path`, too.
    #[derive(Debug, facade::wamp::CallError)]
    #[wamp(crate = facade::wamp, uri = "hygiene.error.renamed")]
    pub struct Failure;
}

macro_rules! generated {
    ($krate:path, $uri:literal, $name:ident, $ty:ty, $default:expr) => {
        /// Made by a macro.
        #[procedure($uri, crate = $krate)]
        pub async fn $name(#[arg(default = $default)] value: $ty) -> $ty {
            value
        }
    };
}

generated!(::wamp_server, "hygiene.generated", generated, u32, 1 + 1);

#[test]
fn functions_stay_functions() {
    ::std::assert_eq!(defaults(1, 2, 3), 6);
    ::std::assert_eq!(lifetimes("chosen", "ot"), "osen");
}

#[test]
fn raw_identifiers_are_unraw() {
    let [definition] = ::wamp_server::procedures![r#match];
    ::std::assert_eq!(definition.name, "match");
    ::std::assert_eq!(names(definition.params), ["type"]);
}

#[test]
fn services_are_served() {
    let app = ::wamp_server::App::empty();
    let app = app.service(renamed::Service).service_at("a", Counted);
    let server = app.build().expect("no mistakes");
    let realm = server.realm("realm1").expect("the default realm");
    ::std::assert_eq!(realm.definitions().len(), 2);
}

/// Several blocks.
#[derive(Debug)]
pub struct Counted;

macro_rules! generated_service {
    ($name:ident, $ty:ty) => {
        #[service]
        impl Counted {
            /// Made by a macro.
            #[procedure("hygiene.count")]
            pub async fn $name(&self, value: $ty) -> $ty {
                value
            }
        }
    };
}

generated_service!(count, u32);

#[test]
fn handlers_may_stand_in_functions_and_come_from_macros() {
    /// Local.
    #[procedure("hygiene.local")]
    async fn local(n: u32) -> u32 {
        n
    }
    let [local, generated] = ::wamp_server::procedures![local, generated];
    ::std::assert_eq!(local.module, ::core::module_path!());
    ::std::assert_eq!(names(generated.params), ["value"]);
    ::std::assert!(generated.params[0].is_optional());
}

fn names(params: &[Param]) -> ::std::vec::Vec<&'static str> {
    ::core::iter::Iterator::collect(::core::iter::Iterator::map(params.iter(), |param| {
        param.name
    }))
}
