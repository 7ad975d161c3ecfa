//! Offering procedures to others.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;

use bytestring::ByteString;
use wamp_proto::message::Invoke;
use wamp_proto::message::details::RegisterOptions;
use wamp_uri::Match;

use crate::client::Client;
use crate::error::CallError;
use crate::host::Callee;
use crate::registration::{Offer, Registration};
use crate::values::{CustomOptions, option_method};

/// A registration that is about to be made. It is when it is awaited.
///
/// # Errors
///
/// What the router answers, that it does not, and that there is no session.
#[must_use = "a procedure is registered when it is awaited"]
pub struct Register {
    client: Client,
    procedure: ByteString,
    callee: Arc<dyn Callee>,
    options: RegisterOptions,
    custom: CustomOptions,
    /// Why there is no use in asking the router.
    mistake: Option<CallError>,
}

impl Register {
    pub(crate) fn new(client: Client, procedure: ByteString, callee: Arc<dyn Callee>) -> Self {
        Self {
            client,
            procedure,
            callee,
            options: RegisterOptions::default(),
            custom: CustomOptions::default(),
            mistake: None,
        }
    }

    option_method!();

    /// Has it fail with this when it is awaited: for those who make the callee, and find a mistake.
    pub fn fail(mut self, mistake: CallError) -> Self {
        self.mistake = Some(mistake);
        self
    }

    /// Sets how URIs are compared with this one. WAMP, "Pattern-based Registration".
    pub fn matching(mut self, matching: Match) -> Self {
        self.options.matching = matching;
        self
    }

    /// Sets which of those who share the procedure is called; all of them have to agree. WAMP, "Shared Registration".
    pub fn invoke(mut self, invoke: Invoke) -> Self {
        self.options.invoke = Some(invoke);
        self
    }

    /// Sets how many calls may run here at the same time. Without it, there is no limit.
    pub fn concurrency(mut self, calls: u64) -> Self {
        self.options.concurrency = Some(calls);
        self
    }

    /// Sets whether the router is asked to say who calls. WAMP, "Caller Identification".
    pub fn disclose_caller(mut self, disclose: bool) -> Self {
        self.options.disclose_caller = Some(disclose);
        self
    }

    /// Takes the procedure from whoever offers it now.
    pub fn force_reregister(mut self, force: bool) -> Self {
        self.options.force_reregister = force;
        self
    }

    /// Has the time of calls that have a timeout kept here, instead of by the router. WAMP, "Call Timeouts".
    pub fn forward_timeout(mut self, forward: bool) -> Self {
        self.options.forward_timeout = forward;
        self
    }

    async fn send(self) -> Result<Registration, CallError> {
        let Self {
            client,
            procedure,
            callee,
            mut options,
            custom,
            mistake,
        } = self;
        if let Some(mistake) = mistake {
            return Err(mistake);
        }
        custom.add_to(&mut options.unknown)?;
        let link = client.open_link()?;
        client.room(&link).await?;
        let offer = Arc::new(Offer::new(procedure, options, callee));
        let wanted = client.want_offer(&offer);
        let answer = offer.ask(&link)?;
        client.in_time(answer).await?;
        wanted.keep();
        Ok(Registration { client, offer })
    }
}

impl IntoFuture for Register {
    type Output = Result<Registration, CallError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Register")
            .field("procedure", &self.procedure)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
