//! Authentication: who we are, and how we prove it.
//!
//! [`Credentials`] are what the application gives, once. Each time that a session is opened, an [`Attempt`] is made of them, which knows
//! what goes into HELLO, answers CHALLENGE, and checks WELCOME.
//!
//! # What is promised
//!
//! A secret is used for nothing but a method that was offered, and the router chooses among those: whoever offers a ticket beside
//! something better lets the router have the ticket. A WELCOME that names another method than those, or that comes without the proof that
//! a method asks of us or of the router, is an error. What a router may have us compute is bounded, and computed by a thread of its own.
//! Nothing of it is logged or shown by `Debug`.
//!
//! At the level `TRACE`, `tungstenite` below logs every frame, and the request with its headers, through the crate `log`: leave its target
//! out where such records are kept.
//!
//! # Layout
//!
//! - [`Credentials`], and `environment`: the ways to give them. [`Attempt`]: one use of them.
//! - [`Answer`]: what a method of your own gives. `method`: all that there are.

mod answer;
mod attempt;
mod credentials;
mod environment;
mod method;

pub use answer::Answer;
pub use attempt::Attempt;
pub use credentials::Credentials;
