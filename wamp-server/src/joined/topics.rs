//! Watches who is subscribed at the router to topics that functions decide on. WAMP, "Subscription Meta API" and "Session Meta API".

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytestring::ByteString;
use foldhash::fast::RandomState;
use futures_util::future::try_join_all;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use wamp_client::host::{Link, Receiver};
use wamp_client::{CallError, Client, State};
use wamp_proto::id::Id;
use wamp_proto::message::Event;
use wamp_proto::message::details::Caller;

use super::host::Host;

/// Reports of the router that may wait. When there are more, it is asked for all again.
const MAX_WAITING: usize = 4096;

const CREATED: &str = "wamp.subscription.on_create";
const SUBSCRIBED: &str = "wamp.subscription.on_subscribe";
const UNSUBSCRIBED: &str = "wamp.subscription.on_unsubscribe";
const DELETED: &str = "wamp.subscription.on_delete";
const LEFT: &str = "wamp.session.on_leave";

/// Watches for as long as what is returned is kept; `None` if no function decides on a topic.
pub(super) async fn watch(host: &Arc<Host>, client: &Client) -> Option<DropGuard> {
    let topics = &host.realm().inner().topics;
    topics.iter().next()?;
    let (sender, reports) = mpsc::channel(MAX_WAITING);
    let over = CancellationToken::new();
    let mut watcher = Watcher {
        host: Arc::clone(host),
        client: client.clone(),
        reports,
        has_missed: Arc::default(),
        topics: HashMap::default(),
        asked_in: None,
    };
    // Whoever joins may rely on it that those who subscribe from now on are seen.
    let begun = loop {
        match watcher.begin(sender.clone()).await {
            // That the session has ended says nothing about the router.
            Err(CallError::Lost | CallError::NotConnected) if is_there_another(client).await => {}
            begun => break begun,
        }
    };
    drop(sender);
    if let Err(error) = begun {
        let topics = topics.iter().map(|it| it.name()).collect::<Vec<_>>();
        tracing::warn!(
            topics = topics.join(", "),
            %error,
            "the router does not tell who is subscribed, so the functions of these topics do not run"
        );
        return None;
    }
    let ended = over.clone();
    host.spawn(async move {
        tokio::select! {
            biased;
            () = ended.cancelled() => {}
            () = watcher.run() => {}
        }
    });
    Some(over.drop_guard())
}

/// Waits for the next session; false if there will be none.
async fn is_there_another(client: &Client) -> bool {
    let mut states = client.states();
    while let Some(state) = states.next().await {
        match state {
            // It may not have been told yet that this one is over.
            State::Open(_) if client.link().is_some() => return true,
            State::Closed { .. } => return false,
            _ => {}
        }
    }
    false
}

struct Watcher {
    host: Arc<Host>,
    client: Client,
    reports: mpsc::Receiver<Report>,
    /// Whether there were reports that found no room.
    has_missed: Arc<AtomicBool>,
    /// Subscriptions to topics that a function decides on.
    topics: HashMap<Id, ByteString, RandomState>,
    /// The session at the router that it has been asked in.
    asked_in: Option<Link>,
}

/// What the router tells.
struct Report {
    kind: &'static str,
    event: Event,
}

#[derive(Deserialize)]
struct Details {
    id: Id,
    uri: String,
    #[serde(rename = "match", default)]
    matching: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    exact: Vec<Id>,
}

#[derive(Deserialize)]
struct Session {
    authid: Option<String>,
    authrole: Option<String>,
}

impl Watcher {
    async fn begin(&mut self, sender: mpsc::Sender<Report>) -> Result<(), CallError> {
        let kinds = [CREATED, SUBSCRIBED, UNSUBSCRIBED, DELETED, LEFT];
        let subscribed = kinds.map(|kind| {
            let receiver = Arc::new(Reporter {
                kind,
                sender: sender.clone(),
                has_missed: Arc::clone(&self.has_missed),
            });
            self.client.subscribe(kind).receiver(receiver)
        });
        try_join_all(subscribed).await?;
        self.ask().await
    }

    async fn run(mut self) {
        let mut states = self.client.states();
        loop {
            tokio::select! {
                biased;
                state = states.next() => match state {
                    Some(State::Open(_)) if self.client.link() != self.asked_in => {
                        self.ask_again().await;
                    }
                    Some(_) => {}
                    None => return,
                },
                report = self.reports.recv() => {
                    let Some(report) = report else { return };
                    self.heed(&report).await;
                    if self.has_missed.load(Ordering::Acquire) {
                        self.ask_again().await;
                    }
                }
            }
        }
    }

    async fn ask_again(&mut self) {
        match self.ask().await {
            // Then there will be another session, or none.
            Ok(()) | Err(CallError::Lost | CallError::NotConnected | CallError::Closed) => {}
            Err(error) => tracing::warn!(%error, "the router does not tell who is subscribed"),
        }
    }

    /// Asks for all that there is.
    async fn ask(&mut self) -> Result<(), CallError> {
        self.asked_in = self.client.link();
        self.topics.clear();
        // What has been told before is in what is told now.
        self.has_missed.store(false, Ordering::Release);
        while self.reports.try_recv().is_ok() {}
        let mut found = HashSet::new();
        let listed = self.client.call("wamp.subscription.list").await?;
        for id in listed.decode::<Listed>()?.exact {
            let details = self.client.call("wamp.subscription.get").arg(id).await;
            // It may be over since.
            if let Some(details) = unless_refused(details)? {
                self.created(details.decode()?);
            }
        }
        for (id, topic) in self.topics.clone() {
            let call = self.client.call("wamp.subscription.list_subscribers");
            let subscribers = unless_refused(call.arg(id).await)?;
            let subscribers = subscribers.map(|it| it.decode::<HashSet<Id>>());
            for session in subscribers.transpose()?.into_iter().flatten() {
                self.subscribed(session, &topic).await;
                found.insert((session, topic.clone()));
            }
        }
        // That others are gone may have been among what was missed.
        if let Some(link) = self.client.link()
            && let Some(guests) = self.host.guests(&link)
        {
            guests.unsubscribe_all_but(&found);
        }
        Ok(())
    }

    async fn heed(&mut self, Report { kind, event }: &Report) {
        let heeded = match *kind {
            CREATED => {
                let decoded = event.payload.decode_args::<(Id, Details)>();
                decoded.map(|(_, details)| self.created(details))
            }
            SUBSCRIBED => match event.payload.decode_args::<(Id, Id)>() {
                Ok((session, id)) => {
                    if let Some(topic) = self.topics.get(&id).cloned() {
                        self.subscribed(session, &topic).await;
                    }
                    Ok(())
                }
                Err(error) => Err(error),
            },
            UNSUBSCRIBED => {
                let decoded = event.payload.decode_args::<(Id, Id)>();
                decoded.map(|(session, id)| self.unsubscribed(session, id))
            }
            DELETED => {
                let decoded = event.payload.decode_args::<(Id, Id)>();
                decoded.map(|(_, id)| drop(self.topics.remove(&id)))
            }
            _ => first(event).map(|session| self.left(session)),
        };
        if let Err(error) = heeded {
            tracing::debug!(kind, %error, "a report of the router cannot be read");
        }
    }

    fn created(&mut self, details: Details) {
        let topics = &self.host.realm().inner().topics;
        let is_exact = details.matching.is_none_or(|it| it == "exact");
        let is_ours = !wamp_uri::is_reserved(&details.uri);
        if is_exact && is_ours && topics.resolve(&details.uri).is_some() {
            self.topics.insert(details.id, details.uri.into());
        }
    }

    async fn subscribed(&self, session: Id, topic: &ByteString) {
        let Some(link) = self.client.link() else {
            return;
        };
        // What our own client is subscribed to is for other functions.
        if session == link.info().id() {
            return;
        }
        let Some(guests) = self.host.guests(&link) else {
            return;
        };
        let mut caller = Caller {
            session: Some(session),
            ..Caller::default()
        };
        if !guests.knows(session) {
            let known = self.client.call("wamp.session.get").arg(session).await;
            // Who it is may be a secret, or it has left.
            if let Ok(Ok(known)) = known.map(|it| it.decode::<Session>()) {
                caller.authid = known.authid.map(Into::into);
                caller.authrole = known.authrole.map(Into::into);
            }
        }
        guests.subscribe(Box::new(caller), topic);
    }

    fn unsubscribed(&self, session: Id, id: Id) {
        if let Some(topic) = self.topics.get(&id)
            && let Some(link) = self.client.link()
            && let Some(guests) = self.host.guests(&link)
        {
            guests.unsubscribe(session, topic);
        }
    }

    fn left(&self, session: Id) {
        if let Some(link) = self.client.link()
            && let Some(guests) = self.host.guests(&link)
        {
            guests.depart(session);
        }
    }
}

/// The id of a session that has left: what comes after it differs between routers.
fn first(event: &Event) -> Result<Id, wamp_proto::codec::DecodeError> {
    let first = event.payload.elements().next();
    let missing = || serde::de::Error::custom("there are no arguments");
    let first = first.ok_or_else(missing)?;
    wamp_proto::codec::from_slice(event.payload.format(), first)
}

/// `None` if the router does not know what is asked about any more.
fn unless_refused<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.uri() == Some(wamp_proto::uri::NO_SUCH_SUBSCRIPTION) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Queues what the router tells.
struct Reporter {
    kind: &'static str,
    sender: mpsc::Sender<Report>,
    has_missed: Arc<AtomicBool>,
}

impl Receiver for Reporter {
    fn event(&self, _: &Link, event: Event) {
        let report = Report {
            kind: self.kind,
            event,
        };
        if self.sender.try_send(report).is_err() {
            // It is asked for again.
            self.has_missed.store(true, Ordering::Release);
        }
    }
}
