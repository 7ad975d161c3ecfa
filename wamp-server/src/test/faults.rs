//! What goes wrong on the connection of a client.

use std::sync::Arc;
use std::time::Duration;

use super::message::{Direction, WireMessage};
use super::rule::{Act, Rule};
use super::state::State;
use super::tap::Tap;

/// The connection of one client, to be disturbed; see [`TestClient::faults`](super::TestClient::faults) and
/// [`RawClient::faults`](super::RawClient::faults).
///
/// What is set holds for later connections of the client, too. A connection in memory carries whole messages: there are no parts of them
/// that could come one by one.
///
/// ```
/// use std::time::Duration;
/// use wamp_server::App;
/// use wamp_server::test::{Direction, TestRealm};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let realm = TestRealm::new(App::empty().procedure("math.add", async |a: i64, b: i64| a + b));
/// let client = realm.client().await;
/// client.faults().next(Direction::ToClient, |it| it.is("RESULT")).lose();
/// let call = client.call("math.add").args((2, 3)).timeout(Duration::from_secs(1));
/// assert!(call.await.is_err(), "nobody has answered");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Faults {
    tap: Arc<Tap>,
}

impl Faults {
    pub(super) fn new(tap: &Arc<Tap>) -> Self {
        Self {
            tap: Arc::clone(tap),
        }
    }

    /// Chooses the next message that this is true of. What decides must not use the client: it is asked while the message passes.
    pub fn next(
        &self,
        direction: Direction,
        applies: impl FnMut(&WireMessage) -> bool + Send + 'static,
    ) -> Chosen {
        self.choose(direction, Box::new(applies), true)
    }

    /// Chooses one message by number: the next one is 0.
    pub fn nth(&self, direction: Direction, number: usize) -> Chosen {
        let mut before = number;
        self.next(direction, move |_| {
            let is_it = before == 0;
            before = before.saturating_sub(1);
            is_it
        })
    }

    /// Chooses all messages from now on that this is true of.
    pub fn every(
        &self,
        direction: Direction,
        applies: impl FnMut(&WireMessage) -> bool + Send + 'static,
    ) -> Chosen {
        self.choose(direction, Box::new(applies), false)
    }

    fn choose(
        &self,
        direction: Direction,
        applies: Box<dyn FnMut(&WireMessage) -> bool + Send>,
        once: bool,
    ) -> Chosen {
        Chosen {
            faults: self.clone(),
            direction,
            applies,
            once,
        }
    }

    /// Delays all messages from now on, which keep their order.
    pub fn delay(&self, direction: Direction, delay: Duration) {
        self.tap
            .change(|it| it.way(direction).rules.set_delay(delay));
    }

    /// The client no longer reads: what the server has to say waits, first on the way, then in the server.
    pub fn stop_reading(&self) {
        self.tap
            .change(|it| it.way(Direction::ToClient).is_held = true);
    }

    /// What the client sends waits on the way.
    pub fn stop_writing(&self) {
        self.tap
            .change(|it| it.way(Direction::ToServer).is_held = true);
    }

    /// What has waited since [`stop_reading`](Self::stop_reading) or [`stop_writing`](Self::stop_writing) goes on.
    pub fn resume(&self) {
        self.tap.change(|it| {
            it.way(Direction::ToServer).is_held = false;
            it.way(Direction::ToClient).is_held = false;
        });
    }

    /// Cuts the connection now. What is on its way is lost; the client sees an error, the server an end.
    pub fn disconnect(&self) {
        self.tap.change(State::cut);
    }

    /// Ends one direction of the connection: whoever reads there sees its end, the other one notices nothing.
    pub fn half_close(&self, direction: Direction) {
        self.tap.change(|it| it.half_close(direction));
    }

    /// Later attempts to connect fail.
    pub fn refuse_connections(&self) {
        self.tap.change(|it| it.refuses = true);
    }

    /// Later attempts to connect succeed again.
    pub fn accept_connections(&self) {
        self.tap.change(|it| it.refuses = false);
    }

    /// Forgets everything that was to happen to messages. What waits since [`stop_reading`](Self::stop_reading) waits on.
    pub fn clear(&self) {
        self.tap.change(|it| {
            it.way(Direction::ToServer).rules.clear();
            it.way(Direction::ToClient).rules.clear();
        });
    }
}

/// Messages that something happens to. If several choices fit one message, the oldest one counts.
#[must_use = "nothing happens to a message until it is said what"]
pub struct Chosen {
    faults: Faults,
    direction: Direction,
    applies: Box<dyn FnMut(&WireMessage) -> bool + Send>,
    once: bool,
}

impl Chosen {
    /// It does not arrive.
    pub fn lose(self) {
        self.act(Act::Lose);
    }

    /// It arrives twice.
    pub fn duplicate(self) {
        self.act(Act::Duplicate);
    }

    /// It arrives later, and so does what is sent after it.
    pub fn delay(self, delay: Duration) {
        self.act(Act::Delay(delay));
    }

    /// Only the first half of its bytes arrives.
    pub fn corrupt(self) {
        self.act(Act::Corrupt);
    }

    /// Another message arrives instead, written as JSON.
    pub fn replace(self, message: &str) {
        let bytes = self.faults.tap.encode(message);
        self.act(Act::Replace(bytes));
    }

    /// The connection is cut instead; what was sent before arrives.
    pub fn cut(self) {
        self.act(Act::Cut);
    }

    fn act(self, act: Act) {
        let Self {
            faults,
            direction,
            applies,
            once,
        } = self;
        let rule = Rule { applies, act, once };
        faults.tap.change(|it| it.way(direction).rules.add(rule));
    }
}

impl std::fmt::Debug for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chosen")
            .field("direction", &self.direction)
            .field("once", &self.once)
            .finish_non_exhaustive()
    }
}
