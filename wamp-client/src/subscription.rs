//! What is subscribed to: renewed after each reconnection until it is given up.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytestring::ByteString;
use tokio::sync::oneshot;
use wamp_proto::id::Id;
use wamp_proto::message::details::SubscribeOptions;
use wamp_proto::message::{Event, Unsubscribe};

use crate::client::Client;
use crate::contained::contained;
use crate::error::CallError;
use crate::host::Receiver;
use crate::kept::Renewed;
use crate::link::Link;
use crate::pending::Pending;
use crate::standing::{Farewell, Standing, farewell};

/// One handle of a subscription, as it is kept for renewals.
pub(crate) struct Topic {
    name: ByteString,
    options: SubscribeOptions,
    receiver: Arc<dyn Receiver>,
    standing: Standing,
    /// The receiver knows that nothing comes any more.
    over: AtomicBool,
}

impl Topic {
    pub(crate) fn new(
        name: ByteString,
        options: SubscribeOptions,
        receiver: Arc<dyn Receiver>,
    ) -> Self {
        Self {
            name,
            options,
            receiver,
            standing: Standing::default(),
            over: AtomicBool::new(false),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// An event has come.
    pub(crate) fn event(&self, link: &Link, event: Event) {
        contained("receiver", || self.receiver.event(link, event));
    }

    /// Nothing comes any more, which the receiver is told once.
    pub(crate) fn over(&self) {
        if !self.over.swap(true, Ordering::AcqRel) {
            contained("receiver", || self.receiver.over());
        }
    }

    /// Whether the router makes one subscription of both.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.name == other.name && self.options.matching == other.options.matching
    }

    /// The router has ended it.
    pub(crate) fn revoked(&self) {
        self.standing.revoked();
        self.over();
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Asks the router for it; the answer is awaited by whoever holds the receiver.
    pub(crate) fn ask(
        self: &Arc<Self>,
        link: &Link,
    ) -> Result<oneshot::Receiver<Result<Id, CallError>>, CallError> {
        let (reply, answer) = oneshot::channel();
        link.request(
            |request, format, out| {
                wamp_proto::message::Subscribe {
                    request,
                    options: self.options.clone(),
                    topic: self.name.clone(),
                }
                .encode(format, out)
            },
            || Some(Pending::Subscribe(Arc::clone(self), reply)),
        )?;
        Ok(answer)
    }

    /// Nobody wants it any more. What there is to wait for, if the router has to be told.
    pub(crate) fn give_up(self: &Arc<Self>) -> Farewell {
        let place = self.standing.give_up();
        self.over();
        let Some((link, id)) = place else {
            return Ok(None);
        };
        self.leave(&link, id)
    }

    /// Removes this handle from a session, and tells the router if it was the last one.
    pub(crate) fn leave(self: &Arc<Self>, link: &Link, subscription: Id) -> Farewell {
        // Under one lock: whoever subscribes again comes before both or after both.
        let mut tables = link.tables();
        if !tables.remove_topic(subscription, self) {
            return Ok(None);
        }
        let (reply, answer) = oneshot::channel();
        let asked = link.request_in(
            &mut tables,
            |request, format, out| {
                Unsubscribe {
                    request,
                    subscription,
                }
                .encode(format, out)
            },
            || Some(Pending::Unsubscribe(reply)),
        );
        farewell(asked, answer)
    }
}

impl Renewed for Topic {
    fn is_given_up(&self) -> bool {
        self.standing.is_given_up()
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topic")
            .field("name", &self.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// A subscription whose events go to a handler. It lasts until it is [ended](Self::unsubscribe) or the client is closed; dropping this changes
/// nothing.
#[derive(Clone, Debug)]
pub struct Subscribed {
    pub(crate) client: Client,
    pub(crate) topic: Arc<Topic>,
}

impl Subscribed {
    /// The id that the router has given it; `None` while there is no session, or after it has been ended. It changes with the session.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        self.topic.standing().id()
    }

    /// What is subscribed to.
    #[must_use]
    pub fn topic(&self) -> &str {
        self.topic.name()
    }

    /// Ends it, without waiting for the router.
    pub(crate) fn abandon(&self) {
        self.client.forget_topic(&self.topic);
        if let Err(error) = self.topic.give_up() {
            tracing::debug!(%error, "a subscription ends with its session");
        }
    }

    /// Ends it. If others share it with the same client, they go on.
    ///
    /// # Errors
    ///
    /// What the router answers, or that there was no answer.
    pub async fn unsubscribe(self) -> Result<(), CallError> {
        self.client.forget_topic(&self.topic);
        match self.topic.give_up()? {
            Some(answer) => self.client.in_time(answer).await,
            None => Ok(()),
        }
    }
}
