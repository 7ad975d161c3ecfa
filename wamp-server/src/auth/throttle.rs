//! How often somebody may be wrong.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::Limits;

/// Slows down addresses from which authentications fail: after some failures within a minute, one attempt follows the other at a
/// distance, and whoever would have to wait for too long is turned away.
///
/// A network of many users behind one address is slowed down, too, but never locked out.
#[derive(Debug)]
pub(crate) struct Throttle {
    peers: Mutex<Peers>,
    /// How much time one failure takes to be forgotten.
    per_failure: Duration,
    pause: Duration,
    patience: Duration,
}

#[derive(Debug, Default)]
struct Peers {
    records: HashMap<Address, Record>,
    /// How many records there may be before those are looked for that have become meaningless.
    sweep_at: usize,
}

/// Where attempts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Address {
    Ip(IpAddr),
    /// All that there is no room for.
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    /// When all failures will be forgotten.
    clean_at: Instant,
    /// When the next attempt may begin, if it has to wait.
    next: Instant,
}

/// There are too many attempts already.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Busy;

const WINDOW: Duration = Duration::from_secs(60);
/// Records that are kept at most.
const MAX_RECORDS: usize = 65_536;
const FIRST_SWEEP: usize = 1024;

impl Throttle {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            peers: Mutex::default(),
            per_failure: WINDOW / limits.max_auth_failures.max(1),
            pause: limits.auth_failure_pause,
            // What is left then is enough to authenticate.
            patience: limits.welcome_timeout / 3,
        }
    }

    /// Waits for the turn of an attempt.
    pub(super) async fn admit(&self, ip: IpAddr) -> Result<(), Busy> {
        if let Some(turn) = self.turn(ip, Instant::now())? {
            sleep_until(turn).await;
        }
        Ok(())
    }

    /// When it is the turn of an attempt, if not now.
    fn turn(&self, ip: IpAddr, now: Instant) -> Result<Option<Instant>, Busy> {
        let mut peers = self.lock();
        let address = peers.key(ip);
        let Some(record) = peers.records.get_mut(&address) else {
            return Ok(None);
        };
        if record.clean_at <= now + WINDOW - self.per_failure {
            return Ok(None);
        }
        let turn = record.next.max(now + self.pause);
        if turn > now + self.patience {
            return Err(Busy);
        }
        record.next = turn + self.pause;
        Ok(Some(turn))
    }

    /// An attempt has failed.
    pub(super) fn failed(&self, ip: IpAddr) {
        let now = Instant::now();
        let mut peers = self.lock();
        peers.sweep(now);
        let address = peers.key(ip);
        let record = peers.records.entry(address).or_insert(Record {
            clean_at: now,
            next: now,
        });
        let limit = now + WINDOW;
        record.clean_at = (record.clean_at.max(now) + self.per_failure).min(limit);
    }

    fn lock(&self) -> MutexGuard<'_, Peers> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peers {
    fn key(&self, ip: IpAddr) -> Address {
        let address = Address::Ip(network(ip));
        let known = self.records.contains_key(&address);
        if known || self.records.len() < MAX_RECORDS {
            address
        } else {
            Address::Other
        }
    }

    /// Drops what has become meaningless, every time the table has doubled: that costs each failure next to nothing.
    fn sweep(&mut self, now: Instant) {
        if self.records.len() >= self.sweep_at.max(FIRST_SWEEP) {
            self.records
                .retain(|_, it| it.clean_at > now || it.next > now);
            self.sweep_at = (2 * self.records.len()).min(MAX_RECORDS);
        }
    }
}

/// Whoever has one address of IPv6 has 2^64 of them.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        ip => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttle() -> Throttle {
        Throttle::new(&Limits::default())
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[tokio::test(start_paused = true)]
    async fn ten_failures_a_minute_are_free_then_attempts_are_a_second_apart() {
        let throttle = throttle();
        let peer = ip("192.0.2.1");
        for _ in 0..10 {
            assert_eq!(throttle.turn(peer, Instant::now()), Ok(None));
            throttle.failed(peer);
        }
        let now = Instant::now();
        let turns = std::iter::repeat_with(|| throttle.turn(peer, now));
        let turns = turns.take(6).collect::<Vec<_>>();
        let after = |seconds| Ok(Some(now + Duration::from_secs(seconds)));
        assert_eq!(
            turns,
            [after(1), after(2), after(3), after(4), after(5), Err(Busy)]
        );
        assert_eq!(throttle.turn(ip("192.0.2.2"), now), Ok(None), "a neighbour");
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_forgotten() {
        let throttle = throttle();
        let peer = ip("192.0.2.1");
        for _ in 0..100 {
            throttle.failed(peer);
        }
        assert!(
            throttle
                .turn(peer, Instant::now())
                .is_ok_and(|it| it.is_some())
        );
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(
            throttle.turn(peer, Instant::now()),
            Ok(None),
            "one in six seconds"
        );
        throttle.failed(peer);
        assert!(
            throttle
                .turn(peer, Instant::now())
                .is_ok_and(|it| it.is_some())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_of_ipv6_is_one_peer() {
        let throttle = throttle();
        for i in 0..10 {
            throttle.failed(ip(&format!("2001:db8::{i:x}")));
        }
        let now = Instant::now();
        assert!(
            throttle
                .turn(ip("2001:db8::ffff"), now)
                .is_ok_and(|it| it.is_some())
        );
        assert_eq!(throttle.turn(ip("2001:db8:0:1::1"), now), Ok(None));
    }

    #[tokio::test(start_paused = true)]
    async fn the_table_is_bounded_and_shrinks() {
        let throttle = throttle();
        for i in 0..100_000_u32 {
            throttle.failed(IpAddr::V4(i.into()));
        }
        assert!(throttle.lock().records.len() <= MAX_RECORDS + 1);
        tokio::time::advance(2 * WINDOW).await;
        throttle.failed(ip("192.0.2.1"));
        assert_eq!(throttle.lock().records.len(), 1);
    }
}
