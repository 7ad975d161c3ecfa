//! Who comes in, and how.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use super::Problem;
use super::newcomers::{Newcomer, Newcomers};
use crate::Limits;
use crate::transport::TransportInfo;
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
}

/// A connection that a listener of ours has accepted. It travels with the request, in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// `None` where there are no addresses.
    pub(crate) peer: Option<SocketAddr>,
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
        }
    }
}

impl Gate {
    /// Lets a connection in, if there is a place. Which client a proxy connects for is not known yet.
    pub(super) fn arrive(&self, peer: Option<SocketAddr>, loopback: bool) -> Option<Arrival> {
        let counted = peer.and_then(|it| self.counted(it.ip()));
        let place = self.newcomers.enter(counted)?;
        Some(Arrival {
            peer,
            loopback,
            secured: None,
            place: Arc::new(Mutex::new(Some(place))),
        })
    }

    /// The place among those without a session: the one that the connection has had since it was accepted, or a new one.
    pub(crate) fn newcomer(
        &self,
        arrival: Option<&Arrival>,
        peer: Option<SocketAddr>,
    ) -> Option<Newcomer> {
        let peer = peer.and_then(|it| self.counted(it.ip()));
        match arrival.and_then(Arrival::take_place) {
            Some(newcomer) => newcomer.counted_for(peer),
            None => self.newcomers.enter(peer),
        }
    }

    /// Whom a connection from there counts for: nobody, as long as it may be anybody whom a proxy connects for.
    fn counted(&self, address: IpAddr) -> Option<IpAddr> {
        (!self.rules.trust(address)).then_some(address)
    }
}

impl Secured {
    /// Adds what TLS tells.
    pub(crate) fn add_to(&self, info: TransportInfo) -> TransportInfo {
        let info = info.with_certificates(self.certificates.iter().cloned());
        match self.channel_binding {
            Some(value) => info.with_channel_binding(value),
            None => info,
        }
    }
}

impl Arrival {
    #[cfg(feature = "tls")]
    pub(super) fn with_tls(mut self, secured: Secured) -> Self {
        self.secured = Some(Arc::new(secured));
        self
    }

    /// Its place, which the one request of a connection that is upgraded takes along.
    fn take_place(&self) -> Option<Newcomer> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        place.take()
    }
}
