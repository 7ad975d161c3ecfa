//! Applications whose functions are offered at a router: this project's own, in the same process.

mod callers;
mod calls;
mod ending;
mod events;
mod keeping;
mod losing;
mod offering;
mod registering;
mod support;
mod topics;
