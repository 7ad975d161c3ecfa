//! Calls: what is to be called ([`Call`]), and what comes of it.
//!
//! - [`CallFuture`]: a call that is awaited. `running`: one that was sent. `progressive`: one that reports. `input`: one that is given more as it goes on.

mod call_future;
mod input;
mod progressive;
mod running;

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use bytestring::ByteString;
use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use wamp_proto::codec::{EncodeError, Format};
use wamp_proto::id::Id;
use wamp_proto::message::details::{CallOptions, CallSharding, Passthru};
use wamp_proto::message::{self, CancelMode, Raw};
use wamp_proto::received::CallResult;

pub use call_future::CallFuture;
pub use progressive::ProgressiveCall;

use crate::client::Client;
use crate::error::CallError;
use crate::link::Link;
use crate::values::{CustomOptions, Values, argument_methods, option_method};

use self::running::Sent;

/// A call that is about to be made. It is when it is awaited; dropping what is awaited cancels it.
///
/// ```no_run
/// # async fn f(client: wamp_client::Client) -> Result<(), wamp_client::CallError> {
/// let sum: i64 = client.call("math.add").arg(2).arg(3).await?.decode()?;
/// let (quotient, rest): (i64, i64) = client.call("math.divide").args((7, 2)).await?.decode()?;
/// let sum = client.call("math.add").args((2, 3)).get::<i64>().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a call is made when it is awaited"]
pub struct Call {
    client: Client,
    procedure: ByteString,
    values: Values,
    options: CallOptions,
    custom: CustomOptions,
    key: Option<Box<Result<Raw, EncodeError>>>,
    patience: Patience,
    mode: CancelMode,
}

impl Call {
    pub(crate) fn new(client: Client, procedure: ByteString) -> Self {
        Self {
            values: Values::new(client.format()),
            client,
            procedure,
            patience: Patience::Clients,
            options: CallOptions::default(),
            custom: CustomOptions::default(),
            key: None,
            mode: CancelMode::KillNoWait,
        }
    }

    argument_methods!();
    option_method!();

    /// Sets how long to wait for the answer; with [`progress`](Self::progress), from one to the next. The router is told, too. Without it, the
    /// client's [`call_timeout`](crate::Builder::call_timeout) counts.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.patience = Patience::Own(timeout);
        self
    }

    /// Waits for the answer for as long as it takes.
    pub fn no_timeout(mut self) -> Self {
        self.patience = Patience::Endless;
        self
    }

    /// Sets whether the callee is to be told who calls. WAMP, "Caller Identification".
    pub fn disclose_me(mut self, disclose: bool) -> Self {
        self.options.disclose_me = Some(disclose);
        self
    }

    /// Sets what decides for one of the callees that share the procedure. WAMP, "Sharded Registration".
    pub fn key(mut self, key: impl Serialize) -> Self {
        self.key = Some(Box::new(Raw::new(Format::Cbor, &key)));
        self
    }

    /// Sets what the callee is told when nobody waits for the answer any more. Without it, [`CancelMode::KillNoWait`].
    pub fn cancel_mode(mut self, mode: CancelMode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets all options at once, as they stand in the message. What is set by other methods after that is added.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Says how the payload is to be read, where routers do not: it is encrypted, say. WAMP, "Payload Passthru Mode".
    pub fn passthru(mut self, passthru: Passthru) -> Self {
        self.options.ppt = Some(Box::new(passthru));
        self
    }

    /// Makes the call, and decodes its result [as one value](CallResult::decode).
    ///
    /// # Errors
    ///
    /// As for the call itself; [`CallError::Decode`] when the result is not of this type.
    pub async fn get<T: DeserializeOwned>(self) -> Result<T, CallError> {
        Ok(self.await?.decode()?)
    }

    /// Asks for what the callee has to tell before it is done.
    ///
    /// ```no_run
    /// # async fn f(client: wamp_client::Client) -> Result<(), wamp_client::CallError> {
    /// let mut export = client.call("docs.export").arg("2026").progress();
    /// while let Some(step) = export.next().await {
    ///     println!("{} %", step.decode::<u8>()?);
    /// }
    /// let archive: String = export.result().await?.decode()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn progress(mut self) -> ProgressiveCall {
        self.options.receive_progress = true;
        ProgressiveCall::new(self)
    }

    /// Makes the call, and gives the callee more arguments as the stream has them; its end ends them. Each item is one more set of arguments, as
    /// [`args`](Self::args) has them. The [time](Self::timeout) counts from the last. WAMP, "Progressive Call Invocations".
    ///
    /// # Errors
    ///
    /// As for any call. What cannot be serialized ends the call.
    pub async fn send<S>(self, values: S) -> Result<CallResult, CallError>
    where
        S: Stream + Send,
        S::Item: Serialize,
    {
        input::call(self, values).await
    }

    /// Sends it when there is room. The time counts from here.
    async fn start(self, progress: bool) -> Result<Sent, CallError> {
        let link = self.client.open_link()?;
        let begin = Instant::now();
        let patience = match self.patience {
            Patience::Clients => self.client.config().timing.call,
            Patience::Own(timeout) => Some(timeout),
            Patience::Endless => None,
        };
        match patience {
            None => link.room().await,
            Some(timeout) => {
                let room = tokio::time::timeout(timeout, link.room()).await;
                room.map_err(|_| CallError::Timeout(timeout))?;
            }
        }
        self.send_on(link, progress, begin)
    }

    /// Sends it, whether there is room or not.
    fn send_on(self, link: Link, progress: bool, begin: Instant) -> Result<Sent, CallError> {
        let Self {
            client,
            procedure,
            values,
            mut options,
            custom,
            key,
            patience,
            mode,
        } = self;
        custom.add_to(&mut options.unknown)?;
        if let Some(key) = key {
            options.sharding = Some(Box::new(CallSharding {
                runmode: Some(ByteString::from_static("partition")),
                rkey: Some((*key)?),
            }));
        }
        if let Patience::Own(timeout) = patience {
            let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
            // Zero would mean that there is none.
            options.timeout = Some(millis.clamp(1, Id::MAX.get()));
        }
        options.progress = progress;
        let payload = values.build(link.format())?;
        let call = message::Call {
            request: Id::MIN,
            options,
            procedure,
            payload,
        };
        Sent::new(client, link, call, patience, begin, mode)
    }
}

/// How long to wait for an answer.
#[derive(Clone, Copy, Debug)]
enum Patience {
    /// As the client does in general.
    Clients,
    Own(Duration),
    Endless,
}

impl IntoFuture for Call {
    type Output = Result<CallResult, CallError>;
    type IntoFuture = CallFuture;

    fn into_future(self) -> CallFuture {
        CallFuture::new(self)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("procedure", &self.procedure)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
