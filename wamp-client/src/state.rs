//! Whether there is a session, and how that changes.

use std::sync::Arc;

use tokio::sync::watch;

use crate::error::ConnectError;
use crate::session_info::SessionInfo;

/// Whether there is a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum State {
    /// There is none yet, or it was lost, and one is about to be opened.
    Connecting {
        /// How many attempts in a row have failed.
        failures: u32,
        /// Why the last one did, or how the session before ended.
        reason: Option<Arc<ConnectError>>,
    },
    /// There is one, and everything that was subscribed and registered is again.
    Open(SessionInfo),
    /// There is none, and will be none.
    Closed {
        /// Why, unless the client was closed on purpose and the router had nothing against the last messages.
        reason: Option<Arc<ConnectError>>,
    },
}

impl State {
    /// Whether there is a session.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Whether there will be none any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }
}

/// The changes of a client's [`State`], as [`Client::states`](crate::Client::states) gives them.
///
/// ```no_run
/// # async fn f(client: wamp_client::Client) {
/// let mut states = client.states();
/// while let Some(state) = states.next().await {
///     println!("{state:?}");
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct States {
    receiver: watch::Receiver<State>,
    is_new: bool,
    /// The last one was told.
    is_over: bool,
}

impl States {
    pub(crate) fn new(receiver: watch::Receiver<State>) -> Self {
        Self {
            receiver,
            is_new: true,
            is_over: false,
        }
    }

    /// The state as it is now, the first time; then the next one that differs. Changes that were over before anybody looked are left out.
    /// `None` after [`State::Closed`].
    pub async fn next(&mut self) -> Option<State> {
        if self.is_over {
            return None;
        }
        if !self.is_new {
            // What was not seen yet is told although there is no client any more.
            self.receiver.changed().await.ok()?;
        }
        self.is_new = false;
        let state = self.receiver.borrow_and_update().clone();
        self.is_over = state.is_closed();
        Some(state)
    }
}
