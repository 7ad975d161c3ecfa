//! A realm that routes between its sessions.

mod calls;
mod canceling;
mod events;
mod identity;
mod passthru;
mod patterns;
mod progress;
mod registering;
mod retention;
mod shared;
mod support;
mod timeouts;
