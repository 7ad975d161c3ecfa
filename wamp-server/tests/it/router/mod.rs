//! A realm that routes between its sessions.

mod answering;
mod authorizing;
mod calls;
mod canceling;
mod events;
mod identity;
mod overflow;
mod passthru;
mod patterns;
mod permissions;
mod progress;
mod registering;
mod rerouting;
mod retention;
mod sequential;
mod shared;
mod slow;
mod support;
mod teardown;
mod three_serializers;
mod timeouts;
