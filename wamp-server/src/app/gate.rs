//! Who comes in, and how.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use super::Problem;
use super::newcomers::{Newcomer, Newcomers};
use super::rarely::Rarely;
use crate::Limits;
use crate::transport::ConnectionInfo;
use crate::transport::peer::Peer;
use crate::transport::websocket::{Handshake, Rules};

/// What the application says about it.
pub(super) struct Entrance {
    pub(super) rawsocket: bool,
    pub(super) handshake: Handshake,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<crate::Tls>,
}

/// What has become of it: connections pass through here.
pub(crate) struct Gate {
    /// Whether RawSocket is spoken beside HTTP.
    pub(crate) rawsocket: bool,
    pub(crate) rules: Rules,
    newcomers: Arc<Newcomers>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::Tls>,
    /// Whether the log has it that addresses are missing.
    pub(crate) without_address: Once,
    /// When the log may have it that an origin is the server's own but for scheme or port.
    pub(crate) nearly_own: Rarely,
}

/// A connection that comes in. It travels with the request, in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) info: ConnectionInfo,
    place: Arc<Mutex<Option<Newcomer>>>,
}

impl Default for Entrance {
    fn default() -> Self {
        Self {
            rawsocket: true,
            handshake: Handshake::default(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

impl Entrance {
    pub(super) fn check(self, limits: &Limits, problems: &mut Vec<Problem>) -> Gate {
        Gate {
            rawsocket: self.rawsocket,
            rules: self.handshake.rules(problems),
            newcomers: Newcomers::new(limits),
            #[cfg(feature = "tls")]
            tls: self.tls,
            without_address: Once::new(),
            nearly_own: Rarely::every(Duration::from_secs(60)),
        }
    }
}

impl Gate {
    /// Lets a connection in, if there is a place. It counts for nobody as long as it may be anybody whom a proxy connects for.
    pub(super) fn arrive(&self, info: ConnectionInfo) -> Option<Arrival> {
        let counted = Peer::from(info.peer).counted();
        let counted = counted.filter(|address| !self.rules.trust(*address));
        Some(Arrival {
            info,
            place: Arc::new(Mutex::new(Some(self.newcomers.enter(counted)?))),
        })
    }

    /// The place among those without a session: the one that the connection has had since it was accepted, or a new one.
    pub(crate) fn newcomer(
        &self,
        arrival: Option<&Arrival>,
        counted: Option<IpAddr>,
    ) -> Option<Newcomer> {
        match arrival.and_then(Arrival::take_place) {
            Some(newcomer) => newcomer.counted_for(counted),
            None => self.newcomers.enter(counted),
        }
    }
}

impl Arrival {
    /// A connection that somebody else has accepted. It has no place yet.
    pub(super) fn elsewhere(info: ConnectionInfo) -> Self {
        Self {
            info,
            place: Arc::default(),
        }
    }

    #[cfg(feature = "tls")]
    pub(super) fn with_info(self, info: ConnectionInfo) -> Self {
        Self { info, ..self }
    }

    /// Its place, which the one request of a connection that is upgraded takes along.
    fn take_place(&self) -> Option<Newcomer> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        place.take()
    }
}
