//! Who comes in, and how.

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
#[derive(Default)]
pub(super) struct Entrance {
    pub(super) handshake: Handshake,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<crate::Tls>,
}

/// What has become of it: connections pass through here.
pub(crate) struct Gate {
    pub(crate) rules: Rules,
    pub(crate) newcomers: Arc<Newcomers>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::Tls>,
    /// Whether the log has it that addresses are missing.
    pub(crate) without_address: Once,
    /// When the log may have it that an origin is the server's own but for scheme or port.
    pub(crate) nearly_own: Rarely,
}

/// A connection that a listener of ours has accepted. It travels with the request, in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) info: ConnectionInfo,
    place: Arc<Mutex<Option<Newcomer>>>,
}

impl Entrance {
    pub(super) fn check(self, limits: &Limits, problems: &mut Vec<Problem>) -> Gate {
        Gate {
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
}

impl Arrival {
    #[cfg(feature = "tls")]
    pub(super) fn with_info(self, info: ConnectionInfo) -> Self {
        Self { info, ..self }
    }

    /// Its place, which the one request of a connection that is upgraded takes along.
    pub(crate) fn take_place(&self) -> Option<Newcomer> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        place.take()
    }
}
