//! Authorization: what sessions may do.
//!
//! A realm without any of this lets its sessions do everything. [`App::permissions`](crate::App::permissions) gives each role its
//! rules; what they do not decide is for the [`App::authorizer`](crate::App::authorizer), and without one it is refused. A function
//! says with `#[procedure("…", roles("admin"))]` that it is for these roles only, whatever else is permitted.
//!
//! # Layout
//!
//! - [`Permissions`], [`Rule`]: what roles may do. [`Action`]: what there is to do.
//! - [`Access`], [`Decision`], [`IntoDecision`]: deciding by a function.
//! - [`Disclosure`]: whether peers are told who calls and who publishes.
//! - `roles`: the rules, ready to be looked up. `gate`: one session's way through it.

mod access;
mod disclosure;
pub(crate) mod gate;
mod permissions;
mod roles;
mod rule;

pub use access::{Access, AccessOptions, Decision, IntoDecision};
pub(crate) use access::{Authorization, Authorizer};
pub use disclosure::Disclosure;
pub use permissions::Permissions;
pub(crate) use permissions::compile;
pub(crate) use roles::Roles;
pub(crate) use rule::Grant;
pub use rule::{Action, Rule};
