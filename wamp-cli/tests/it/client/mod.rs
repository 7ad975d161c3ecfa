//! The commands that need a router, with this one and, once, with Crossbar.io.

mod bench;
mod call;
mod crossbar;
mod failures;
mod meta;
mod publish;
mod register;
mod secure;
mod settings;
mod subscribe;
mod support;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod unread;
