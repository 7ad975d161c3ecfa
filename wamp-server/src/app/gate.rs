//! Who comes in, and how.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use super::Problem;
use super::newcomers::{Newcomer, Newcomers};
use crate::Limits;
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
}

/// A connection that a listener of ours has accepted. It travels with the request, in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) peer: SocketAddr,
    /// Whether the listener is bound to a loopback address.
    pub(crate) loopback: bool,
    /// What is known by TLS.
    pub(crate) secured: Option<Arc<Secured>>,
    place: Arc<Mutex<Option<Newcomer>>>,
}

/// What TLS tells about a connection.
#[derive(Debug)]
pub(crate) struct Secured {
    /// DER, the client's own first.
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) channel_binding: Option<[u8; 32]>,
}

impl Entrance {
    pub(super) fn check(self, limits: &Limits, problems: &mut Vec<Problem>) -> Gate {
        Gate {
            rules: self.handshake.rules(problems),
            newcomers: Newcomers::new(limits),
            #[cfg(feature = "tls")]
            tls: self.tls,
        }
    }
}

impl Gate {
    /// Lets a connection in, if there is a place. Which client a proxy connects for is not known yet.
    pub(super) fn arrive(&self, peer: SocketAddr, loopback: bool) -> Option<Arrival> {
        let place = self.newcomers.enter(self.counted(peer.ip()))?;
        Some(Arrival {
            peer,
            loopback,
            secured: None,
            place: Arc::new(Mutex::new(Some(place))),
        })
    }

    /// Whom a connection from there counts for: nobody, as long as it may be anybody whom a proxy connects for.
    pub(crate) fn counted(&self, address: IpAddr) -> Option<IpAddr> {
        (!self.rules.trust(address)).then_some(address)
    }
}

impl Arrival {
    #[cfg(feature = "tls")]
    pub(super) fn with_tls(mut self, secured: Secured) -> Self {
        self.secured = Some(Arc::new(secured));
        self
    }

    /// Its place, which the one request of a connection that is upgraded takes along.
    pub(crate) fn take_place(&self) -> Option<Newcomer> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        place.take()
    }
}
