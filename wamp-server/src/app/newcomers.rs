//! Connections that have not got WELCOME yet, counted all together and for each peer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Limits;
use crate::transport::peer::network;

/// Who is being let in now. It knows no more peers than there are such connections.
#[derive(Debug)]
pub(crate) struct Newcomers {
    max: usize,
    max_per_peer: usize,
    crowd: Mutex<Crowd>,
}

#[derive(Debug, Default)]
struct Crowd {
    all: usize,
    of_peer: HashMap<IpAddr, usize>,
}

/// A place for a connection as long as it has no session; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct Newcomer {
    newcomers: Arc<Newcomers>,
    /// What it counts for; `None` until that is known.
    peer: Option<IpAddr>,
    /// Whether it counts now.
    counts: bool,
}

impl Newcomers {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            max: limits.max_unauthenticated,
            max_per_peer: limits.max_unauthenticated_per_peer,
            crowd: Mutex::default(),
        })
    }

    /// A place for one more from this peer, if there is one.
    pub(crate) fn enter(self: &Arc<Self>, peer: Option<IpAddr>) -> Option<Newcomer> {
        let mut newcomer = Newcomer {
            newcomers: Arc::clone(self),
            peer: peer.map(network),
            counts: false,
        };
        newcomer.enter().then_some(newcomer)
    }

    fn crowd(&self) -> MutexGuard<'_, Crowd> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Newcomer {
    /// The same place, counted for the peer that it turns out to be, if that may have one more.
    pub(crate) fn counted_for(mut self, peer: Option<IpAddr>) -> Option<Self> {
        if let (None, Some(peer)) = (self.peer, peer) {
            self.leave();
            self.peer = Some(network(peer));
            return self.enter().then_some(self);
        }
        Some(self)
    }

    /// Counts it, if there is a place; true if it counts.
    pub(crate) fn enter(&mut self) -> bool {
        let Newcomers {
            max, max_per_peer, ..
        } = *self.newcomers;
        let mut crowd = self.newcomers.crowd();
        let of_peer = self.peer.and_then(|it| crowd.of_peer.get(&it).copied());
        let fits = crowd.all < max && of_peer.is_none_or(|it| it < max_per_peer);
        if fits && !self.counts {
            self.counts = true;
            crowd.all += 1;
            if let Some(peer) = self.peer {
                *crowd.of_peer.entry(peer).or_default() += 1;
            }
        }
        self.counts
    }

    /// Gives the place back. It may [`enter`](Self::enter) again.
    pub(crate) fn leave(&mut self) {
        if !std::mem::take(&mut self.counts) {
            return;
        }
        let mut crowd = self.newcomers.crowd();
        crowd.all -= 1;
        if let Some(peer) = self.peer
            && let Entry::Occupied(mut entry) = crowd.of_peer.entry(peer)
        {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    fn newcomers(max: usize, max_per_peer: usize) -> Arc<Newcomers> {
        Newcomers::new(&Limits {
            max_unauthenticated: max,
            max_unauthenticated_per_peer: max_per_peer,
            ..Limits::default()
        })
    }

    fn peer(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn nothing_is_left_of_those_who_have_gone() {
        let newcomers = newcomers(1000, 1);
        let places = (0..1000).map(|n| newcomers.enter(Some(Ipv6Addr::from_bits(n << 64).into())));
        let places = places.collect::<Option<Vec<_>>>().expect("all fit");
        assert!(newcomers.enter(None).is_none());
        assert_eq!(newcomers.crowd().of_peer.len(), 1000);
        drop(places);
        assert_eq!(newcomers.crowd().of_peer.len(), 0);
        assert_eq!(newcomers.crowd().all, 0);
    }

    #[test]
    fn a_peer_is_an_address_or_a_network_of_ipv6() {
        let newcomers = newcomers(1000, 1);
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8::1", "2001:db8::ffff", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            let first = newcomers.enter(peer(one)).expect("the first");
            assert_eq!(
                newcomers.enter(peer(other)).is_none(),
                same,
                "{one} {other}"
            );
            drop(first);
        }
        assert_eq!(newcomers.crowd().all, 0);
    }

    #[test]
    fn whoever_comes_back_needs_a_place_again() {
        let newcomers = newcomers(10, 1);
        let mut first = newcomers.enter(peer("192.0.2.1")).expect("the first");
        first.leave();
        first.leave();
        let second = newcomers.enter(peer("192.0.2.1")).expect("the second");
        assert!(!first.enter());
        drop(second);
        assert!(first.enter() && first.enter());
        assert_eq!(newcomers.crowd().all, 1);
        drop(first);
        assert_eq!(newcomers.crowd().all, 0);
        assert!(newcomers.crowd().of_peer.is_empty());
    }

    #[test]
    fn a_place_can_be_counted_for_a_peer_later() {
        let newcomers = newcomers(10, 1);
        let first = newcomers.enter(None).expect("the first");
        let _first = first.counted_for(peer("192.0.2.1")).expect("its first");
        let second = newcomers.enter(None).expect("the second");
        assert!(second.counted_for(peer("192.0.2.1")).is_none());
        assert_eq!(newcomers.crowd().all, 1);
    }
}
