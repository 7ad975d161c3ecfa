//! The events of a blocking client.

use std::time::Duration;

use tokio::time::timeout;
use wamp_proto::id::Id;
use wamp_proto::received::Event;

use super::Client;
use crate::error::CallError;

/// The events of a subscription: an iterator that waits for each, and ends when there will be none. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    subscription: crate::Subscription,
    client: Client,
}

impl Subscription {
    pub(super) fn new(client: Client, subscription: crate::Subscription) -> Self {
        Self {
            subscription,
            client,
        }
    }

    /// The next event, for which is waited no longer than that; `None` when there will be none.
    ///
    /// # Errors
    ///
    /// [`CallError::Timeout`] when none has come.
    pub fn next_within(&mut self, patience: Duration) -> Result<Option<Event>, CallError> {
        let Self {
            subscription,
            client,
        } = self;
        let next = async { timeout(patience, subscription.next()).await };
        client
            .host
            .wait(next)
            .map_err(|_| CallError::Timeout(patience))
    }

    /// The next event, if there is one already.
    pub fn try_next(&mut self) -> Option<Event> {
        self.subscription.try_next()
    }

    /// The id that the router has given it; `None` while there is no session.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        self.subscription.id()
    }

    /// Ends it, and waits until the router has agreed.
    ///
    /// # Errors
    ///
    /// What the router answers, or that it does not.
    pub fn unsubscribe(self) -> Result<(), CallError> {
        self.client.host.wait(self.subscription.unsubscribe())
    }
}

impl Iterator for Subscription {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.client.host.wait(self.subscription.next())
    }
}
