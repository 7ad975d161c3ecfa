//! What is registered: renewed after each reconnection until it is given up.

use std::fmt;
use std::sync::Arc;

use bytestring::ByteString;
use tokio::sync::oneshot;
use wamp_proto::id::Id;
use wamp_proto::message::Unregister;
use wamp_proto::message::details::RegisterOptions;

use crate::client::Client;
use crate::error::CallError;
use crate::host::Callee;
use crate::kept::Renewed;
use crate::link::Link;
use crate::pending::{Pending, Reply};
use crate::standing::{Farewell, Standing, farewell};

/// A procedure that is offered, as it is kept for renewals.
pub(crate) struct Offer {
    procedure: ByteString,
    options: RegisterOptions,
    callee: Arc<dyn Callee>,
    standing: Standing,
}

impl Offer {
    pub(crate) fn new(
        procedure: ByteString,
        options: RegisterOptions,
        callee: Arc<dyn Callee>,
    ) -> Self {
        Self {
            procedure,
            options,
            callee,
            standing: Standing::default(),
        }
    }

    pub(crate) fn procedure(&self) -> &str {
        &self.procedure
    }

    pub(crate) fn callee(&self) -> &Arc<dyn Callee> {
        &self.callee
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
                wamp_proto::message::Register {
                    request,
                    options: self.options.clone(),
                    procedure: self.procedure.clone(),
                }
                .encode(format, out)
            },
            || Some(Pending::Register(Arc::clone(self), reply)),
        )?;
        Ok(answer)
    }

    /// It is not offered any more. What there is to wait for, if the router has to be told. Calls that come until it knows are still
    /// answered.
    pub(crate) fn give_up(self: &Arc<Self>) -> Farewell {
        let Some((link, registration)) = self.standing.give_up() else {
            return Ok(None);
        };
        let (reply, answer): (Reply<()>, _) = oneshot::channel();
        let asked = link.request(
            |request, format, out| {
                Unregister {
                    request,
                    registration,
                }
                .encode(format, out)
            },
            || Some(Pending::Unregister(registration, reply)),
        );
        farewell(asked, answer)
    }
}

impl Renewed for Offer {
    fn is_given_up(&self) -> bool {
        self.standing.is_given_up()
    }
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offer")
            .field("procedure", &self.procedure)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// A procedure that is offered to others. It is until it is [withdrawn](Self::unregister) or the client is closed; dropping this changes
/// nothing.
#[derive(Clone, Debug)]
pub struct Registration {
    pub(crate) client: Client,
    pub(crate) offer: Arc<Offer>,
}

impl Registration {
    /// The id that the router has given it; `None` while there is no session, or after it has been ended. It changes with the session.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        self.offer.standing().id()
    }

    /// What is registered.
    #[must_use]
    pub fn procedure(&self) -> &str {
        self.offer.procedure()
    }

    /// Withdraws it. Calls that have come before are still answered.
    ///
    /// # Errors
    ///
    /// What the router answers, or that there was no answer.
    pub async fn unregister(self) -> Result<(), CallError> {
        self.client.forget_offer(&self.offer);
        match self.offer.give_up()? {
            Some(answer) => self.client.in_time(answer).await,
            None => Ok(()),
        }
    }
}
