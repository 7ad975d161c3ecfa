//! Chat rooms: events that clients publish, handled and passed on by the server.
//!
//! `cargo run --example chat`, then, from two WAMP clients:
//!
//! 1. subscribe to `chat.lobby`; the last messages of the room come as events at once
//! 2. call `chat.introduce` with `["Ada"]`, or stay anonymous
//! 3. publish `["Hello!"]` to `chat.lobby`: everybody else in the room receives `{"from": "Ada", "text": "Hello!"}`
//!
//! A room is whatever stands at the place of `{room}`. Nothing that a client publishes reaches others unless a subscriber passes it
//! on, so this is where messages are checked, recorded and signed.

use std::collections::{HashMap, VecDeque};
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use wamp_server::{App, CallError, Session, State, Topic, cli, procedure, subscriber, topic};

/// What has been said, by room.
#[derive(Default)]
struct Rooms(Mutex<HashMap<String, VecDeque<Message>>>);

#[derive(Clone, Serialize)]
struct Message {
    from: String,
    text: String,
}

impl Rooms {
    /// Keeps a message for those who come later.
    fn record(&self, room: &str, message: Message) {
        let mut rooms = self.lock();
        if rooms.len() == MAX_ROOMS && !rooms.contains_key(room) {
            return;
        }
        let messages = rooms.entry(room.to_owned()).or_default();
        if messages.len() == HISTORY {
            messages.pop_front();
        }
        messages.push_back(message);
    }

    fn history(&self, room: &str) -> VecDeque<Message> {
        self.lock().get(room).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Message>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name that a session goes by.
struct Name(String);

/// Gives the caller a name.
#[procedure("chat.introduce")]
async fn introduce(name: String, session: &Session) -> Result<(), CallError> {
    if name.trim().is_empty() || name.len() > MAX_NAME {
        return Err(CallError::invalid_argument("a name has 1 to 40 bytes"));
    }
    session.data().insert(Name(name));
    Ok(())
}

/// Lets a session into a room, and tells it what it has missed.
#[topic("chat.{room}")]
async fn enter(
    room: &str,
    topic: Topic<'_>,
    session: &Session,
    rooms: State<'_, Rooms>,
) -> Result<(), CallError> {
    for message in rooms.history(room) {
        session.publish(&topic, message)?;
    }
    Ok(())
}

/// Passes a message on to everybody in the room but its sender.
#[subscriber("chat.{room}")]
async fn say(
    room: &str,
    text: String,
    topic: Topic<'_>,
    session: &Session,
    rooms: State<'_, Rooms>,
) -> Result<(), CallError> {
    let name = session.data().get::<Name>();
    let from = name.map_or_else(|| "anonymous".to_owned(), |name| name.0.clone());
    let message = Message { from, text };
    rooms.record(room, message.clone());
    session
        .realm()
        .publication(&topic)
        .exclude([session.id()])
        .send(message)?;
    Ok(())
}

/// How many messages a room remembers.
const HISTORY: usize = 20;
/// How many rooms are remembered: their names come from clients.
const MAX_ROOMS: usize = 1_000;
const MAX_NAME: usize = 40;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().init();
    cli::run(App::new().state(Rooms::default())).await
}
