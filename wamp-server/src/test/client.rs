//! A client whose messages can be looked at and disturbed.

use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::timeout;
use wamp_client::Client;

use super::diff::{diff, list};
use super::faults::Faults;
use super::hand::Hand;
use super::message::{Direction, WireMessage};
use super::tap::Tap;

/// A client of a [`TestRealm`](super::TestRealm): a [`Client`] whose messages can be looked at and disturbed. All clones are the same client.
#[derive(Clone, Debug)]
pub struct TestClient {
    client: Client,
    pub(super) tap: Arc<Tap>,
    pub(super) patience: Duration,
    /// The number of the first message that has not been looked at.
    seen: Arc<AtomicU64>,
}

impl TestClient {
    /// One that has just opened its session.
    pub(super) fn new(client: Client, tap: Arc<Tap>, patience: Duration) -> Self {
        let seen = Arc::new(AtomicU64::new(tap.lock().log.end()));
        Self {
            client,
            tap,
            patience,
            seen,
        }
    }

    /// What can go wrong on the connection.
    #[must_use]
    pub fn faults(&self) -> Faults {
        Faults::new(&self.tap)
    }

    /// Sends messages that were written by hand, on the client's session, and shows what is received.
    #[must_use]
    pub fn raw(&self) -> Hand<'_> {
        Hand::new(self)
    }

    /// What the client has sent and received since its session was opened, or since the last
    /// [`assert_wire`](Self::assert_wire) or [`clear_wire`](Self::clear_wire), in this order. A message that was [lost](Faults) on the way to
    /// the server was sent all the same; one that was lost on the way to the client was not received.
    ///
    /// After a reconnection, HELLO and WELCOME are among them. Of very many messages, the oldest are forgotten.
    #[must_use]
    pub fn wire(&self) -> Vec<WireMessage> {
        let seen = self.seen.load(Ordering::Acquire);
        self.tap.lock().log.since(seen).cloned().collect()
    }

    /// Forgets what has been sent and received so far.
    pub fn clear_wire(&self) {
        let end = self.tap.lock().log.end();
        self.seen.store(end, Ordering::Release);
    }

    /// Compares all that was sent and received with [patterns](super#patterns), and forgets it: the next time, only what is new counts.
    ///
    /// ```
    /// use wamp_server::App;
    /// use wamp_server::test::TestRealm;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let realm = TestRealm::new(App::empty().procedure("math.add", async |a: i64, b: i64| a + b));
    /// let client = realm.client().await;
    /// assert_eq!(client.call("math.add").args((2, 3)).get::<i64>().await.ok(), Some(5));
    /// client.assert_wire([
    ///     r#"→ [48,1,{},"math.add",[2,3]]"#,
    ///     "← [50,1,{},[5]]",
    /// ]);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When anything is different. The message shows both, side by side.
    #[track_caller]
    pub fn assert_wire<const N: usize>(&self, expected: [&str; N]) {
        let wire = self.wire();
        let difference = diff(&expected, &wire);
        self.clear_wire();
        if let Some(difference) = difference {
            panic!("the messages are not as expected (- expected, + found):{difference}");
        }
    }

    /// Waits until there is a session, as after [`disconnect`](Faults::disconnect).
    ///
    /// # Panics
    ///
    /// When there is none in time.
    #[track_caller]
    pub fn wait_for_session(&self) -> impl Future<Output = ()> + Send + '_ {
        let caller = Location::caller();
        async move {
            match timeout(self.patience, self.client.connected()).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => panic!("{caller}: there is no session any more: {error}"),
                Err(_) => panic!(
                    "{caller}: no session within {:?}, but {:?}",
                    self.patience,
                    self.client.state()
                ),
            }
        }
    }

    /// Waits until at least so many messages were received, of those in [`wire`](Self::wire).
    ///
    /// # Panics
    ///
    /// When there are fewer in time.
    #[track_caller]
    pub fn wait_for_messages(&self, count: usize) -> impl Future<Output = ()> + Send + '_ {
        let caller = Location::caller();
        let is_received = |it: &&WireMessage| it.direction() == Direction::ToClient;
        async move {
            let seen = self.seen.load(Ordering::Acquire);
            let enough = self.tap.until(self.patience, |state| {
                let received = state.log.since(seen).filter(is_received).count();
                (received >= count).then_some(())
            });
            if enough.await.is_none() {
                let received = self.wire();
                let received = received.iter().filter(is_received);
                panic!(
                    "{caller}: not {count} messages within {:?}, but these:{}",
                    self.patience,
                    list(received)
                );
            }
        }
    }
}

impl Deref for TestClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
