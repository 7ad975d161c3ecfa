//! How often somebody may be wrong.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::Limits;
use crate::transport::peer::network;

/// Slows down addresses from which authentications fail.
///
/// Each address has a budget. An attempt takes a share of it; one that succeeds gives it back at once, one that fails after a while. Who
/// finds the budget spent waits until a share comes back, or for a turn: there is one every `auth_failure_pause`, for any of those who wait
/// then. So many users behind one address are slowed down by one who guesses, and may have to try again, but nobody is locked out for good;
/// and many attempts at once gain nothing.
#[derive(Debug)]
pub(crate) struct Throttle {
    table: Mutex<Table>,
    /// How much time one failure takes to be forgotten.
    per_failure: Duration,
    pause: Duration,
    patience: Duration,
}

#[derive(Debug)]
struct Table {
    records: HashMap<IpAddr, Record>,
    /// When records that have become meaningless are looked for again.
    sweep_at: Instant,
}

#[derive(Clone, Debug)]
struct Record {
    /// When all failures will be forgotten.
    clean_at: Instant,
    /// When the next attempt may begin although the budget is spent.
    next_turn: Instant,
    /// Attempts of which it is not known yet whether they fail.
    undecided: u32,
    returned: Arc<Notify>,
}

/// What an attempt has taken; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Share<'t> {
    throttle: &'t Throttle,
    address: IpAddr,
}

/// There are too many attempts already.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Busy;

/// What the budget is for.
const WINDOW: Duration = Duration::from_secs(60);
/// However many failures there were, they are forgotten after this.
const MEMORY: Duration = Duration::from_secs(10 * 60);
const MAX_RECORDS: usize = 65_536;
const FIRST_SWEEP: usize = 1024;
const SWEEP_PAUSE: Duration = Duration::from_secs(1);

impl Throttle {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            table: Mutex::new(Table {
                records: HashMap::new(),
                sweep_at: Instant::now(),
            }),
            per_failure: WINDOW / limits.max_auth_failures.max(1),
            pause: limits.auth_failure_pause,
            // What is left then is enough to authenticate.
            patience: limits.welcome_timeout / 3,
        }
    }

    /// Waits for a share of the budget, or for a turn without one. Whoever stops waiting leaves nothing behind.
    pub(super) async fn admit(&self, ip: IpAddr) -> Result<Share<'_>, Busy> {
        let address = network(ip);
        let limit = Instant::now() + self.patience;
        let returned = Arc::clone(
            &self
                .lock()
                .record(address, Instant::now(), self.pause)
                .returned,
        );
        loop {
            let mut share_came_back = pin!(returned.notified());
            // Before looking, or what comes back meanwhile would not be noticed.
            share_came_back.as_mut().enable();
            let now = Instant::now();
            let next_turn = {
                let mut table = self.lock();
                let record = table.record(address, now, self.pause);
                if record.take(now, self) {
                    break;
                }
                record.next_turn
            };
            if now >= limit {
                return Err(Busy);
            }
            // Whether a share came back or it is time for a turn is seen above.
            let _ = timeout_at(next_turn.min(limit), share_came_back).await;
        }
        Ok(Share {
            throttle: self,
            address,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share<'_> {
    /// The attempt has failed: the share comes back after a while.
    pub(super) fn spend(self) {
        let now = Instant::now();
        let mut table = self.throttle.lock();
        let record = table.record(self.address, now, self.throttle.pause);
        let clean_at = record.clean_at.max(now) + self.throttle.per_failure;
        record.clean_at = clean_at.min(now + MEMORY);
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut table = self.throttle.lock();
        if let Some(record) = table.records.get_mut(&self.address) {
            record.undecided = record.undecided.saturating_sub(1);
            record.returned.notify_one();
        }
    }
}

impl Record {
    /// Takes a share of the budget if there is one left, or a turn if it is time for one.
    fn take(&mut self, now: Instant, throttle: &Throttle) -> bool {
        let free = self.is_free(now, throttle);
        let admitted = free || self.next_turn <= now;
        if admitted && !free {
            self.next_turn = now + throttle.pause;
        }
        self.undecided += u32::from(admitted);
        admitted
    }

    /// Whether something is left of the budget.
    fn is_free(&self, now: Instant, throttle: &Throttle) -> bool {
        let spent = self.clean_at.saturating_duration_since(now);
        let spent = spent + throttle.per_failure * self.undecided;
        spent + throttle.per_failure <= WINDOW
    }
}

impl Table {
    fn record(&mut self, address: IpAddr, now: Instant, pause: Duration) -> &mut Record {
        if self.records.len() >= FIRST_SWEEP && !self.records.contains_key(&address) {
            self.make_room(now);
        }
        match self.records.entry(address) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Record {
                clean_at: now,
                next_turn: now + pause,
                undecided: 0,
                returned: Arc::default(),
            }),
        }
    }

    /// Drops what has become meaningless, now and then. If that is not enough, any record will do: whoever has so many addresses gains
    /// nothing by having one of them forgotten.
    fn make_room(&mut self, now: Instant) {
        if self.sweep_at <= now {
            self.sweep_at = now + SWEEP_PAUSE;
            self.records
                .retain(|_, it| it.undecided > 0 || it.clean_at > now || it.next_turn > now);
        }
        if self.records.len() >= MAX_RECORDS {
            let mut idle = self.records.iter().filter(|(_, it)| it.undecided == 0);
            if let Some((&address, _)) = idle.next() {
                self.records.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn throttle() -> Throttle {
        Throttle::new(&Limits::default())
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// Whether something is left of its budget.
    fn is_free(throttle: &Throttle, ip: IpAddr) -> bool {
        let now = Instant::now();
        throttle
            .lock()
            .record(network(ip), now, throttle.pause)
            .is_free(now, throttle)
    }

    async fn fails(throttle: &Throttle, ip: IpAddr) {
        throttle
            .admit(ip)
            .await
            .expect("it is soon its turn")
            .spend();
    }

    #[tokio::test(start_paused = true)]
    async fn ten_failures_a_minute_are_free_then_attempts_are_a_second_apart() {
        let throttle = throttle();
        let peer = ip("192.0.2.1");
        let begin = Instant::now();
        for _ in 0..10 {
            fails(&throttle, peer).await;
        }
        assert_eq!(begin.elapsed(), Duration::ZERO);
        let queue = (0..7).map(|_| async {
            let admitted = throttle.admit(peer).await;
            (
                admitted.map(Share::spend).is_ok(),
                begin.elapsed().as_secs(),
            )
        });
        let turns = futures_util::future::join_all(queue).await;
        let expected = [1, 2, 3, 4, 5].map(|second| (true, second));
        assert_eq!(turns[..5], expected);
        assert_eq!(
            turns[5..],
            [(false, 5), (false, 5)],
            "those are turned away"
        );
        assert!(is_free(&throttle, ip("192.0.2.2")), "a neighbour");
    }

    #[tokio::test(start_paused = true)]
    async fn many_at_once_gain_nothing() {
        let throttle = throttle();
        let peer = ip("192.0.2.1");
        let all = (0..64).map(|_| throttle.admit(peer));
        let shares = futures_util::future::join_all(all).await;
        let shares = shares.into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(
            shares.len(),
            10 + 5,
            "the budget, and the turns of five seconds"
        );
        // Whoever gives up takes nobody's turn.
        for _ in 0..50 {
            let gives_up = tokio::time::timeout(Duration::from_millis(1), throttle.admit(peer));
            assert!(gives_up.await.is_err());
        }
        assert!(throttle.admit(peer).await.is_ok(), "there is a turn soon");
        shares.into_iter().for_each(Share::spend);
        // What there was too much of is not forgotten sooner.
        tokio::time::advance(6 * SECOND).await;
        assert!(!is_free(&throttle, peer));
        tokio::time::advance(30 * SECOND).await;
        assert!(is_free(&throttle, peer));
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_succeed_make_room_for_others() {
        let throttle = throttle();
        let peer = ip("192.0.2.1");
        let begin = Instant::now();
        let all = (0..500).map(|_| async {
            let share = throttle.admit(peer).await.expect("there is room soon");
            tokio::time::sleep(Duration::from_millis(20)).await;
            drop(share);
        });
        futures_util::future::join_all(all).await;
        assert!(begin.elapsed() <= 2 * SECOND, "{:?}", begin.elapsed());
        assert!(is_free(&throttle, peer));
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_forgotten_in_the_end() {
        let throttle = throttle();
        let peer = ip("192.0.2.1");
        for _ in 0..1000 {
            fails(&throttle, peer).await;
        }
        assert!(!is_free(&throttle, peer));
        tokio::time::advance(MEMORY - WINDOW).await;
        assert!(!is_free(&throttle, peer));
        tokio::time::advance(6 * SECOND).await;
        assert!(is_free(&throttle, peer));
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_of_ipv6_is_one_peer() {
        let throttle = throttle();
        for i in 0..10 {
            fails(&throttle, ip(&format!("2001:db8::{i:x}"))).await;
        }
        assert!(!is_free(&throttle, ip("2001:db8::ffff")));
        assert!(is_free(&throttle, ip("2001:db8:0:1::1")));
    }

    #[tokio::test(start_paused = true)]
    async fn the_table_is_bounded_and_shrinks() {
        let throttle = throttle();
        let fill = u32::try_from(MAX_RECORDS).expect("few") + 10;
        for i in 0..fill {
            fails(&throttle, IpAddr::V4(i.into())).await;
        }
        assert_eq!(throttle.lock().records.len(), MAX_RECORDS);
        tokio::time::advance(WINDOW).await;
        fails(&throttle, ip("192.0.2.1")).await;
        assert_eq!(throttle.lock().records.len(), 1);
    }
}
