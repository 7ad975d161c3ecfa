//! What a client was built with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;

use wamp_proto::message::Unknown;

use crate::auth::Credentials;
use crate::backoff::Backoff;
use crate::error::CallError;
use crate::transport::Connect;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// From nothing to an open session.
    pub(crate) connect: Duration,
    /// From a request to its answer.
    pub(crate) call: Option<Duration>,
    /// From GOODBYE to its answer, and to close the connection.
    pub(crate) close: Duration,
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) max_missed_pongs: u32,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            call: Some(Duration::from_secs(30)),
            close: Duration::from_secs(5),
            heartbeat: Some(Duration::from_secs(20)),
            max_missed_pongs: 2,
        }
    }
}

/// Told of what could not be renewed after a reconnection.
pub(crate) type RenewalHook = Arc<dyn Fn(&str, &CallError) + Send + Sync>;

pub(crate) struct Config {
    pub(crate) connect: Box<dyn Connect>,
    pub(crate) realm: ByteString,
    pub(crate) agent: ByteString,
    /// What HELLO says that the protocol does not know.
    pub(crate) details: Unknown,
    pub(crate) credentials: Credentials,
    pub(crate) timing: Timing,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) on_renewal_error: Option<RenewalHook>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("connect", &self.connect)
            .field("realm", &self.realm)
            .field("timing", &self.timing)
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}
