//! Authentication: who may come in.
//!
//! A realm without any of this lets everybody in, as `anonymous`. One with it lets in whom one of its ways accepts, in this order:
//! first what tells who somebody is without asking ([`App::transport_authenticator`](crate::App::transport_authenticator)), then the
//! first method, in the order in which the application gave them, that the client offers. A realm with authenticators lets nobody
//! in unauthenticated, unless [`App::anonymous`](crate::App::anonymous) says so.
//!
//! # Logs
//!
//! This crate logs no proof, no `authextra`, no header, cookie or query, at no level, and sends none back. What a look-up fails with is
//! logged, since nobody else is told, so it should not quote a secret. At the level `TRACE`, `tungstenite` below logs every frame
//! through the crate `log`: leave its target out where such records are kept.
//!
//! # Layout
//!
//! - [`Principal`]: who a peer turned out to be. [`Principals`]: those who are known beforehand. [`IntoFound`]: what functions that look
//!   somebody up return.
//! - `ticket`, `cra`, `scram`, `cryptosign`: the methods that are there. [`CraCredential`], [`ScramCredential`]: what they have to know.
//! - [`Authenticator`], [`Exchange`]: methods of your own.
//! - `methods`: what a realm asks for. `attempt`: one peer's way through it. `throttle`: how often somebody may be wrong. [`Decoys`]:
//!   what unknown users are asked.

mod attempt;
mod authenticator;
pub(crate) mod cra;
pub(crate) mod cryptosign;
mod decoy;
mod exchange;
mod found;
mod methods;
mod principal;
mod principals;
pub(crate) mod scram;
mod throttle;
pub(crate) mod ticket;

pub(crate) use attempt::{Attempt, Step};
pub use authenticator::Authenticator;
pub(crate) use authenticator::{Method, Recognizer};
pub use cra::CraCredential;
pub use decoy::Decoys;
pub use exchange::Exchange;
pub use found::IntoFound;
pub(crate) use methods::{ANONYMOUS, Methods};
pub use principal::Principal;
pub use principals::Principals;
pub use scram::ScramCredential;
pub(crate) use throttle::Throttle;

/// Whoever does not authenticate comes in in this role.
pub(crate) fn anonymous(role: bytestring::ByteString) -> Method {
    Method::from_fn(ANONYMOUS, move |exchange| {
        let principal = Principal::anonymous(exchange.session().id(), role.clone());
        std::future::ready(Ok(Some(principal)))
    })
}
