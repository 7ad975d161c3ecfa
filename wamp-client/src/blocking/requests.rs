//! Requests of a blocking client: described as those of [`crate::Client`], sent by `send`.

use std::fmt;
use std::future::IntoFuture as _;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wamp_proto::id::Id;
use wamp_proto::received::CallResult;

use super::{Client, Subscription};
use crate::error::CallError;

/// A request of a blocking client.
macro_rules! request {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[must_use = "it is sent when it is told to"]
        pub struct $name {
            client: Client,
            request: crate::$name,
        }

        impl $name {
            pub(super) fn new(client: Client, request: crate::$name) -> Self {
                Self { client, request }
            }

            /// Sets whatever else there is to set.
            pub fn with(self, set: impl FnOnce(crate::$name) -> crate::$name) -> Self {
                Self {
                    request: set(self.request),
                    client: self.client,
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.request.fmt(f)
            }
        }
    };
}

macro_rules! arguments {
    () => {
        /// Adds a positional argument.
        pub fn arg(self, value: impl Serialize) -> Self {
            self.with(|request| request.arg(value))
        }

        /// Adds a keyword argument.
        pub fn kwarg(self, name: &str, value: impl Serialize) -> Self {
            self.with(|request| request.kwarg(name, value))
        }

        /// Adds all arguments that a value becomes: those of a tuple, list, struct or map.
        pub fn args(self, values: impl Serialize) -> Self {
            self.with(|request| request.args(values))
        }
    };
}

request! {
    /// A call that is about to be made, by [`get`](Self::get) or [`send`](Self::send). [`with`](Self::with) sets what [`crate::Call`] has to set.
    Call
}
request! {
    /// An event that is about to be published, by [`send`](Self::send).
    Publish
}
request! {
    /// A subscription that is about to be made, by [`send`](Self::send).
    Subscribe
}
request! {
    /// A registration that is about to be made, by [`send`](Self::send).
    Register
}

impl Call {
    arguments!();

    /// Sets how long to wait for the answer.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|call| call.timeout(timeout))
    }

    /// Makes the call, and decodes its result as one value.
    ///
    /// # Errors
    ///
    /// As for any [`crate::Call`].
    pub fn get<T: DeserializeOwned>(self) -> Result<T, CallError> {
        self.client.host.wait(self.request.get())
    }

    /// Makes the call.
    ///
    /// # Errors
    ///
    /// As for any [`crate::Call`].
    pub fn send(self) -> Result<CallResult, CallError> {
        self.client.host.wait(self.request.into_future())
    }

    /// Makes the call, and has a function told what the callee has to tell before it is done.
    ///
    /// # Errors
    ///
    /// As for any [`crate::Call`].
    pub fn send_with_progress(
        self,
        mut progress: impl FnMut(CallResult),
    ) -> Result<CallResult, CallError> {
        let mut call = self.request.progress();
        // Called outside of the runtime, so that it may use this client.
        while let Some(step) = self.client.host.wait(call.next()) {
            progress(step);
        }
        self.client.host.wait(call.result())
    }
}

impl Publish {
    arguments!();

    /// Asks the router to say whether it has published the event.
    pub fn acknowledge(self) -> Self {
        self.with(crate::Publish::acknowledge)
    }

    /// Publishes it. Its id, if it is acknowledged.
    ///
    /// # Errors
    ///
    /// As for any [`crate::Publish`].
    pub fn send(self) -> Result<Option<Id>, CallError> {
        self.client.host.wait(self.request.into_future())
    }
}

impl Subscribe {
    /// Subscribes.
    ///
    /// # Errors
    ///
    /// As for any [`crate::Subscribe`].
    pub fn send(self) -> Result<Subscription, CallError> {
        let Self { client, request } = self;
        let subscription = client.host.wait(request.into_future())?;
        Ok(Subscription::new(client, subscription))
    }
}

impl Register {
    /// Registers.
    ///
    /// # Errors
    ///
    /// As for any [`crate::Register`].
    pub fn send(self) -> Result<Registration, CallError> {
        let Self { client, request } = self;
        let registration = client.host.wait(request.into_future())?;
        Ok(Registration {
            registration,
            client,
        })
    }
}

/// A procedure that is offered to others. It is until it is [withdrawn](Self::unregister) or the client is closed; dropping this changes
/// nothing.
#[derive(Clone, Debug)]
pub struct Registration {
    registration: crate::Registration,
    client: Client,
}

impl Registration {
    /// The id that the router has given it; `None` while there is no session, or after it has been ended.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        self.registration.id()
    }

    /// Withdraws it.
    ///
    /// # Errors
    ///
    /// What the router answers, or that there was no answer.
    pub fn unregister(self) -> Result<(), CallError> {
        self.client.host.wait(self.registration.unregister())
    }
}
