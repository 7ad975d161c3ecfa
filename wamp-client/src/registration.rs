//! What is registered: renewed after each reconnection until it is given up.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// A procedure that is offered, as it is kept for renewals.
pub(crate) struct Offer {
    procedure: ByteString,
    options: RegisterOptions,
    callee: Arc<dyn Callee>,
    /// Where it is registered, and as what.
    place: Mutex<Option<(Link, Id)>>,
    given_up: AtomicBool,
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
            place: Mutex::default(),
            given_up: AtomicBool::new(false),
        }
    }

    pub(crate) fn procedure(&self) -> &str {
        &self.procedure
    }

    pub(crate) fn callee(&self) -> &Arc<dyn Callee> {
        &self.callee
    }

    /// The router has agreed.
    pub(crate) fn registered(&self, link: &Link, id: Id) {
        *self.place() = Some((link.clone(), id));
    }

    /// The router has ended it.
    pub(crate) fn revoked(&self) {
        *self.place() = None;
        self.given_up.store(true, Ordering::Release);
    }

    /// Whether a router has ever agreed: only then it is renewed.
    pub(crate) fn was_made(&self) -> bool {
        !self.is_given_up() && self.place().is_some()
    }

    pub(crate) fn id(&self) -> Option<Id> {
        let place = self.place();
        let (link, id) = place.as_ref()?;
        link.is_open().then_some(*id)
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
    pub(crate) fn give_up(
        self: &Arc<Self>,
    ) -> Result<Option<oneshot::Receiver<Result<(), CallError>>>, CallError> {
        self.given_up.store(true, Ordering::Release);
        let Some((link, registration)) = self.place().take() else {
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
        match asked {
            Ok(_) => Ok(Some(answer)),
            // It has ended with its session.
            Err(CallError::NotConnected) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn place(&self) -> MutexGuard<'_, Option<(Link, Id)>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Renewed for Offer {
    fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
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
        self.offer.id()
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
