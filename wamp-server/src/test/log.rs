//! What a client has sent and received.

use std::collections::{HashMap, HashSet, VecDeque};

use bytestring::ByteString;
use wamp_client::Event;
use wamp_proto::id::Id;
use wamp_proto::message::Message;
use wamp_uri::Match;

use super::message::{Direction, WireMessage};

/// Messages and bytes that are kept; the oldest are forgotten first.
const MAX_MESSAGES: usize = 1 << 16;
const MAX_BYTES: usize = 1 << 24;

/// The messages of a client, over all its connections.
#[derive(Debug, Default)]
pub(super) struct Log {
    messages: VecDeque<WireMessage>,
    bytes: usize,
    /// How many are not kept any more.
    forgotten: u64,
    asked: HashMap<Id, (ByteString, Match)>,
    subscriptions: HashMap<Id, Subscription>,
    /// Requests that were written by hand and are not answered yet: their answers are not for the client.
    by_hand: HashSet<Id>,
    /// Events that nobody has expected yet, and how they came.
    events: VecDeque<(Event, WireMessage)>,
}

#[derive(Debug)]
struct Subscription {
    topic: ByteString,
    matching: Match,
    is_live: bool,
}

impl Log {
    /// Adds a message; true if the client is not to see it.
    pub(super) fn add(&mut self, message: WireMessage) -> bool {
        let is_hidden = self.note(&message);
        self.bytes += message.bytes().len();
        self.messages.push_back(message);
        while self.messages.len() > MAX_MESSAGES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.messages.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes().len();
            self.forgotten += 1;
        }
        is_hidden
    }

    /// A request is made that the client knows nothing of.
    pub(super) fn ask_by_hand(&mut self, request: Id) {
        self.by_hand.insert(request);
    }

    /// The number of the first message that is kept, from that one on.
    pub(super) fn first_number(&self, number: u64) -> u64 {
        number.max(self.forgotten)
    }

    /// Everything from the message of that number on.
    pub(super) fn since(&self, number: u64) -> impl Iterator<Item = &WireMessage> {
        let skipped = number.saturating_sub(self.forgotten);
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        self.messages.iter().skip(skipped)
    }

    /// The number of the next message.
    pub(super) fn end(&self) -> u64 {
        self.forgotten + self.messages.len() as u64
    }

    /// Events that nobody has expected yet, the oldest first.
    pub(super) fn events(&mut self) -> &mut VecDeque<(Event, WireMessage)> {
        &mut self.events
    }

    /// Whether the client asks for events of a topic on its present connection.
    pub(super) fn is_subscribed(&self, topic: &str) -> bool {
        let mut subscriptions = self.subscriptions.values();
        subscriptions.any(|it| it.is_live && wamp_uri::matches(&it.topic, it.matching, topic))
    }

    /// Another connection has begun: subscriptions are to be made again.
    pub(super) fn reconnect(&mut self) {
        self.asked.clear();
        self.by_hand.clear();
        self.subscriptions.clear();
    }

    fn note(&mut self, message: &WireMessage) -> bool {
        let Some(read) = message.message() else {
            return false;
        };
        let answered = match message.direction() {
            Direction::ToClient => answered(&read),
            Direction::ToServer => None,
        };
        let is_hidden = match answered {
            Some((request, true)) => self.by_hand.remove(&request),
            Some((request, false)) => self.by_hand.contains(&request),
            None => false,
        };
        match read {
            Message::Subscribe(it) => {
                let asked = (it.topic, it.options.matching);
                self.asked.insert(it.request, asked);
            }
            Message::Unsubscribe(it) => self.end_subscription(it.subscription),
            Message::Subscribed(it) => {
                if let Some((topic, matching)) = self.asked.remove(&it.request) {
                    let subscription = Subscription {
                        topic,
                        matching,
                        is_live: true,
                    };
                    self.subscriptions.insert(it.subscription, subscription);
                }
            }
            Message::Unsubscribed(it) => {
                if let Some(subscription) = it.details.subscription {
                    self.end_subscription(subscription);
                }
            }
            Message::Event(event) => {
                let subscription = self.subscriptions.get(&event.subscription);
                let topic = subscription.map(|it| it.topic.clone()).unwrap_or_default();
                if self.events.len() == MAX_MESSAGES {
                    self.events.pop_front();
                }
                let event = Event::new(event, &topic, 0);
                self.events.push_back((event, message.clone()));
            }
            _ => {}
        }
        is_hidden
    }

    fn end_subscription(&mut self, id: Id) {
        if let Some(subscription) = self.subscriptions.get_mut(&id) {
            subscription.is_live = false;
        }
    }
}

/// Which request a message answers, and whether that is the last of it.
fn answered(message: &Message) -> Option<(Id, bool)> {
    match message {
        Message::Result(it) => Some((it.request, !it.details.progress)),
        Message::Error(it) => Some((it.request, true)),
        Message::Published(it) => Some((it.request, true)),
        Message::Subscribed(it) => Some((it.request, true)),
        Message::Unsubscribed(it) => it.request.map(|request| (request, true)),
        Message::Registered(it) => Some((it.request, true)),
        Message::Unregistered(it) => it.request.map(|request| (request, true)),
        _ => None,
    }
}
