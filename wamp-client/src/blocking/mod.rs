//! The client for programs without async: scripts, tests, other people's threads.
//!
//! - [`Client`] is here; `host` is the thread behind it, `requests` what is asked for, `subscription` what comes.
//!
//! It does everything through a [`crate::Client`], in a thread of its own. Every function here blocks; none may be used where a thread
//! drives async tasks, because it would hold them up. There it panics, instead of waiting for itself.
//!
//! ```no_run
//! use std::time::Duration;
//! use wamp_client::blocking::Client;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let client = Client::connect("ws://localhost:8080/ws", "realm1")?;
//!     let sum: i64 = client.call("math.add").arg(2).arg(3).get()?;
//!     client.publish("math.sums").arg(sum).send()?;
//!     let mut weather = client.subscribe("weather.vienna").send()?;
//!     if let Some(event) = weather.next_within(Duration::from_secs(5))? {
//!         println!("{} degrees", event.decode::<i32>()?);
//!     }
//!     client.close();
//!     Ok(())
//! }
//! ```

mod host;
mod requests;
mod subscription;

use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;

use bytestring::ByteString;
use serde::Serialize;

use self::host::Host;
pub use self::requests::{Call, Publish, Register, Registration, Subscribe};
pub use self::subscription::Subscription;
use crate::builder::Builder;
use crate::error::{ConnectError, RemoteError};
use crate::raw::Invocation;
use crate::session_info::SessionInfo;
use crate::state::State;

/// A client whose functions block. Cloning it is cheap; all clones are the same client, which is closed when the last one is dropped.
///
/// # Panics
///
/// All functions that wait panic inside of async code: use [`crate::Client`] there.
#[derive(Clone)]
pub struct Client {
    /// Dropped before the thread that it lives in.
    client: crate::Client,
    host: Arc<Host>,
}

impl Client {
    /// Connects to a router and opens a session. [`open`](Self::open) does it with more to say about how.
    ///
    /// # Errors
    ///
    /// Why there is no session.
    pub fn connect(url: &str, realm: &str) -> Result<Self, ConnectError> {
        Self::open(Builder::new(url).realm(realm))
    }

    /// Connects as described.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use wamp_client::blocking::Client;
    ///
    /// # fn f() -> Result<(), wamp_client::ConnectError> {
    /// let client = Client::open(Client::builder("ws://localhost:8080/ws").call_timeout(Duration::from_secs(5)))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Why there is no session.
    pub fn open(builder: Builder) -> Result<Self, ConnectError> {
        let host = Host::start();
        let host = host.map_err(|error| ConnectError::Config(error.to_string()))?;
        let client = host.wait(builder.connect())?;
        host.outlive(client.states());
        Ok(Self {
            client,
            host: Arc::new(host),
        })
    }

    /// Begins to describe a client, for [`open`](Self::open).
    pub fn builder(url: &str) -> Builder {
        Builder::new(url)
    }

    /// The session; `None` while there is none.
    #[must_use]
    pub fn session(&self) -> Option<SessionInfo> {
        self.client.session()
    }

    /// Whether there is a session.
    #[must_use]
    pub fn state(&self) -> State {
        self.client.state()
    }

    /// Begins a call.
    pub fn call(&self, procedure: impl Into<ByteString>) -> Call {
        Call::new(self.clone(), self.client.call(procedure))
    }

    /// Begins an event.
    pub fn publish(&self, topic: impl Into<ByteString>) -> Publish {
        Publish::new(self.clone(), self.client.publish(topic))
    }

    /// Begins a subscription.
    pub fn subscribe(&self, topic: impl Into<ByteString>) -> Subscribe {
        Subscribe::new(self.clone(), self.client.subscribe(topic))
    }

    /// Begins the registration of a function. Every invocation runs in a thread of a pool, where it may block and use this client. It cannot be
    /// stopped; when nobody waits for its answer any more, that is thrown away.
    ///
    /// ```no_run
    /// # use wamp_client::{Invocation, RemoteError};
    /// # fn f(client: wamp_client::blocking::Client) -> Result<(), wamp_client::CallError> {
    /// client
    ///     .register_raw("math.add", |call: Invocation| {
    ///         let (a, b): (i64, i64) = call.args()?;
    ///         Ok::<_, RemoteError>(a + b)
    ///     })
    ///     .send()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn register_raw<F, T, E>(&self, procedure: impl Into<ByteString>, function: F) -> Register
    where
        F: Fn(Invocation) -> Result<T, E> + Send + Sync + 'static,
        T: Serialize + Send + 'static,
        E: Into<RemoteError> + Send + 'static,
    {
        let function = Arc::new(function);
        let register = self
            .client
            .register_raw(procedure, move |call: Invocation| {
                let function = Arc::clone(&function);
                async move {
                    let run = tokio::task::spawn_blocking(move || {
                        function(call).map_err(Into::<RemoteError>::into)
                    });
                    match run.await {
                        Ok(outcome) => outcome,
                        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
                        Err(_) => Err(RemoteError::new(wamp_proto::uri::CANCELED)),
                    }
                }
            });
        Register::new(self.clone(), register)
    }

    /// Closes the client: GOODBYE, then the connection. Returns when that is done.
    pub fn close(&self) {
        self.host.wait(self.client.close());
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}
