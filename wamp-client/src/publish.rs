//! Publishing events.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;

use bytestring::ByteString;
use serde::Serialize;
use tokio::sync::oneshot;
use wamp_proto::codec::{EncodeError, Format};
use wamp_proto::id::Id;
use wamp_proto::message::details::{Passthru, PublishOptions, Receivers};
use wamp_proto::message::{self, Raw};

use crate::client::Client;
use crate::error::CallError;
use crate::link::Link;
use crate::pending::Pending;
use crate::values::{CustomOptions, Values, argument_methods, option_method};

/// An event that is about to be published. It is when it is awaited.
///
/// It gives the id of the event if it is to be [acknowledged](Self::acknowledge); without that, nobody says whether it was published at all.
///
/// ```no_run
/// # async fn f(client: wamp_client::Client) -> Result<(), wamp_client::CallError> {
/// client.publish("weather.vienna").kwarg("degrees", 21).await?;
/// let publication = client.publish("chat.lobby").arg("Hello!").exclude_me(false).acknowledge().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// That it cannot be sent; with [`acknowledge`](Self::acknowledge), also what the router answers, and that it does not.
#[must_use = "an event is published when it is awaited"]
pub struct Publish {
    client: Client,
    topic: ByteString,
    values: Values,
    options: PublishOptions,
    custom: CustomOptions,
    key: Option<Result<Raw, EncodeError>>,
}

impl Publish {
    pub(crate) fn new(client: Client, topic: ByteString) -> Self {
        Self {
            values: Values::new(client.format()),
            client,
            topic,
            options: PublishOptions::default(),
            custom: CustomOptions::default(),
            key: None,
        }
    }

    argument_methods!();
    option_method!();

    /// Asks the router to say whether it has published the event.
    pub fn acknowledge(mut self) -> Self {
        self.options.acknowledge = true;
        self
    }

    /// Sets whether we are left out if we are subscribed ourselves. We are, unless this is set to false.
    pub fn exclude_me(mut self, exclude: bool) -> Self {
        self.options.exclude_me = Some(exclude);
        self
    }

    /// Sets whether subscribers are to be told who publishes. WAMP, "Publisher Identification".
    pub fn disclose_me(mut self, disclose: bool) -> Self {
        self.options.disclose_me = Some(disclose);
        self
    }

    /// Has the router keep the event for those who subscribe later. WAMP, "Event Retention".
    pub fn retain(mut self) -> Self {
        self.options.retain = true;
        self
    }

    /// Sets what decides for one of the subscribers that share a topic. WAMP, "Sharded Subscription".
    pub fn key(mut self, key: impl Serialize) -> Self {
        self.key = Some(Raw::new(Format::Cbor, &key));
        self
    }

    /// Leaves these sessions out. WAMP, "Subscriber Black- and Whitelisting".
    pub fn exclude(mut self, sessions: impl IntoIterator<Item = Id>) -> Self {
        self.receivers().exclude = Some(sessions.into_iter().collect());
        self
    }

    /// Leaves sessions of these users out.
    pub fn exclude_authid<S: Into<ByteString>>(
        mut self,
        authids: impl IntoIterator<Item = S>,
    ) -> Self {
        self.receivers().exclude_authid = Some(texts(authids));
        self
    }

    /// Leaves sessions of these roles out.
    pub fn exclude_authrole<S: Into<ByteString>>(
        mut self,
        roles: impl IntoIterator<Item = S>,
    ) -> Self {
        self.receivers().exclude_authrole = Some(texts(roles));
        self
    }

    /// Lets no other sessions have it than these; none at all if there are none.
    pub fn eligible(mut self, sessions: impl IntoIterator<Item = Id>) -> Self {
        self.receivers().eligible = Some(sessions.into_iter().collect());
        self
    }

    /// Lets only sessions of these users have it.
    pub fn eligible_authid<S: Into<ByteString>>(
        mut self,
        authids: impl IntoIterator<Item = S>,
    ) -> Self {
        self.receivers().eligible_authid = Some(texts(authids));
        self
    }

    /// Lets only sessions of these roles have it.
    pub fn eligible_authrole<S: Into<ByteString>>(
        mut self,
        roles: impl IntoIterator<Item = S>,
    ) -> Self {
        self.receivers().eligible_authrole = Some(texts(roles));
        self
    }

    /// Says how the payload is to be read, where routers do not: it is encrypted, say. WAMP, "Payload Passthru Mode".
    pub fn passthru(mut self, passthru: Passthru) -> Self {
        self.options.ppt = Some(Box::new(passthru));
        self
    }

    /// Sets all options at once, as they stand in the message. What is set by other methods after that is added.
    pub fn options(mut self, options: PublishOptions) -> Self {
        self.options = options;
        self
    }

    /// Sends it now, without waiting for room or for an answer, for those who must not wait.
    ///
    /// # Errors
    ///
    /// That it cannot be sent: [`CallError::Full`] if too much waits to be sent already.
    pub fn send_now(mut self) -> Result<(), CallError> {
        self.options.acknowledge = false;
        let link = self.client.open_link()?;
        if link.is_full() {
            return Err(CallError::Full);
        }
        let (mut publish, _) = self.message(&link)?;
        let encode = |request, format, out: &mut _| {
            publish.request = request;
            publish.encode(format, out)
        };
        link.request(encode, || None).map(drop)
    }

    fn receivers(&mut self) -> &mut Receivers {
        self.options.receivers.get_or_insert_default()
    }

    fn message(self, link: &Link) -> Result<(message::Publish, Client), CallError> {
        let Self {
            client,
            topic,
            values,
            mut options,
            custom,
            key,
        } = self;
        custom.add_to(&mut options.unknown)?;
        if let Some(key) = key {
            options.rkey = Some(key?);
        }
        let publish = message::Publish {
            request: Id::MIN,
            options,
            topic,
            payload: values.build(link.format())?,
        };
        Ok((publish, client))
    }

    async fn send(self) -> Result<Option<Id>, CallError> {
        let link = self.client.open_link()?;
        self.client.room(&link).await?;
        let (mut publish, client) = self.message(&link)?;
        let is_acknowledged = publish.options.acknowledge;
        let encode = |request, format, out: &mut _| {
            publish.request = request;
            publish.encode(format, out)
        };
        if !is_acknowledged {
            link.request(encode, || None)?;
            return Ok(None);
        }
        let (reply, answer) = oneshot::channel();
        let request = link.request(encode, || Some(Pending::Publish(reply)))?;
        let _forgotten = Forgotten(&link, request);
        client.in_time(answer).await.map(Some)
    }
}

/// Nobody waits for the answer any more when this is dropped.
struct Forgotten<'a>(&'a Link, Id);

impl Drop for Forgotten<'_> {
    fn drop(&mut self) {
        self.0.forget(self.1);
    }
}

fn texts<S: Into<ByteString>>(texts: impl IntoIterator<Item = S>) -> Vec<ByteString> {
    texts.into_iter().map(Into::into).collect()
}

impl IntoFuture for Publish {
    type Output = Result<Option<Id>, CallError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for Publish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish")
            .field("topic", &self.topic)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
