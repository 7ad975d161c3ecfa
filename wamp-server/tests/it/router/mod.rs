//! A realm that routes between its sessions.

mod calls;
mod retention;
