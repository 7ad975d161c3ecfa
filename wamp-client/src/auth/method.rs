//! Ways to say who we are.

use std::fmt;
use std::sync::Arc;

use bytestring::ByteString;
use futures_util::future::BoxFuture;
use wamp_proto::auth::cra;
use wamp_proto::auth::cryptosign::{self, SigningKey};
use wamp_proto::auth::scram::Dialect;
use wamp_proto::message::{Challenge, Secret};

use super::answer::Answer;

/// The method that is a secret sent as it is.
pub(super) const TICKET: &str = "ticket";
/// The method that is none.
pub(super) const ANONYMOUS: &str = "anonymous";
/// The method of those who have shown a certificate.
pub(super) const TLS: &str = "tls";

/// One of the ways, with what it needs.
#[derive(Clone)]
pub(super) enum Method {
    /// Nothing is asked: the transport says who we are, or nobody has to know. By its name.
    Unasked(ByteString),
    Ticket(Secret),
    Cra(Secret),
    Scram(Dialect, Secret),
    Cryptosign(SigningKey),
    Custom(ByteString, Respond),
}

/// Answers challenges in the application's own way.
pub(super) type Respond =
    Arc<dyn Fn(Challenge) -> BoxFuture<'static, Result<Answer, String>> + Send + Sync>;

impl Method {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Unasked(name) | Self::Custom(name, _) => name,
            Self::Ticket(_) => TICKET,
            Self::Cra(_) => cra::METHOD,
            Self::Scram(dialect, _) => dialect.method(),
            Self::Cryptosign(_) => cryptosign::METHOD,
        }
    }
}

/// By its name: everything else is secret.
impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an application could say so that this method works.
pub(super) fn remedy(method: &str) -> String {
    let remedy = match method {
        TICKET => "`ticket(…)`, or the variable WAMP_TICKET",
        cra::METHOD => "`cra(…)`, or the variable WAMP_SECRET",
        "wamp-scram" | "scram" => "`scram(…)`, or the variables WAMP_AUTHID and WAMP_SECRET",
        cryptosign::METHOD => "`cryptosign(…)`, or the variable WAMP_PRIVATE_KEY",
        TLS => "a client certificate, and `tls()`",
        ANONYMOUS => "`anonymous()`",
        _ => "`custom(…)` with that name",
    };
    remedy.to_owned()
}

/// What may be shown of a name that the router has sent.
pub(super) fn excerpt(name: &str) -> String {
    name.chars().take(64).flat_map(char::escape_debug).collect()
}
