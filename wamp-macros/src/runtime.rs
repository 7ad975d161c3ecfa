//! Which crate an expansion names.

use syn::{Path, parse_quote};

/// The crate that a macro is re-exported by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runtime {
    Client,
    Server,
}

impl Runtime {
    /// Where it is, unless the user says `crate = path`.
    pub(crate) fn path(self) -> Path {
        match self {
            Self::Client => parse_quote!(::wamp_client),
            Self::Server => parse_quote!(::wamp_server),
        }
    }

    /// The attribute that makes a trait one for both sides.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "service",
        }
    }

    /// A good `crate = path`.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Client => "crate = path::to::wamp_client",
            Self::Server => "crate = path::to::wamp_server",
        }
    }
}
