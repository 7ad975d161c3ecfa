//! One publisher, many subscribers, a few publications on their way at any time.

use std::io::{ErrorKind, Write};

use anyhow::{Context, Result};
use clap::ValueEnum;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde_json::json;

use super::dialect::Dialect;
use super::enroll::Entry;
use super::frame::{MAX_HEAD, More, ReadBuffer, Receive, Walker};
use super::handshake::Talk;
use super::message::Request;
use super::serializer::Serializer;
use super::window::{Figures, Tally, Timing, Window};
use crate::process::ServerProcess;

/// How many listen to how much.
#[derive(Clone, Copy, Debug)]
pub struct FanOut {
    /// Sessions that get every event.
    pub subscribers: usize,
    /// Publications on their way: the next one is made when the oldest has reached everyone.
    pub window: u64,
}

/// How the publisher publishes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum PublishWith {
    /// A PUBLISH without acknowledgement.
    Publish,
    /// A CALL of `bench.publish`, whose handler publishes.
    Call,
}

/// Runs the load. Counts deliveries, times publications until the last delivery.
pub fn fan_out(
    server: &ServerProcess,
    load: FanOut,
    with: PublishWith,
    timing: Timing,
) -> Result<Figures> {
    let dialect = Dialect::Wamp(Serializer::Json);
    let mut poll = Poll::new().context("cannot poll")?;
    let register = |stream: std::net::TcpStream, token| -> Result<TcpStream> {
        let mut stream = TcpStream::from_std(stream);
        poll.registry()
            .register(&mut stream, Token(token), Interest::READABLE)
            .context("cannot poll a socket")?;
        Ok(stream)
    };

    let mut subscribers = Vec::with_capacity(load.subscribers);
    for token in 0..load.subscribers {
        let stream = register(subscribe(server, dialect)?, token)?;
        subscribers.push(Subscriber {
            stream,
            walker: Walker::default(),
            received: 0,
        });
    }
    let stream = Talk::open(server.address(), dialect)?.into_stream()?;
    let stream = register(stream, load.subscribers)?;
    let mut publisher = Publisher {
        stream,
        walker: Walker::default(),
        with,
        published: 0,
    };

    let mut window = Window::open(server, timing)?;
    let mut flight = Flight::new(load);
    let mut events = Events::with_capacity(1024);
    let mut buffer = ReadBuffer::new();
    while let Some(wait) = window.tick() {
        while flight.has_room() {
            flight.launch(window.now());
            publisher.publish()?;
        }
        match poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other.context("cannot poll")?,
        }
        for event in &events {
            let now = window.now();
            let tally = &mut window.tally;
            match subscribers.get_mut(event.token().0) {
                Some(subscriber) => subscriber.receive(&mut buffer, &mut flight, now, tally)?,
                None => publisher.receive(&mut buffer, tally)?,
            }
        }
    }
    window.close()
}

fn subscribe(server: &ServerProcess, dialect: Dialect) -> Result<std::net::TcpStream> {
    let mut talk = Talk::open(server.address(), dialect)?;
    Entry::Subscription.make(&mut talk, &json!({}), "bench.topic")?;
    talk.into_stream()
}

/// The text that goes out: the number of the publication, filled up to 64 bytes.
fn text(number: u64) -> String {
    format!("{number:0>DIGITS$}{FILLING}")
}

const DIGITS: usize = 16;
const FILLING: &str = "wampwampwampwampwampwampwampwampwampwampwampwamp";

/// What an event with the text ends with.
const END: &str = "\"]]";

/// Publications that have not reached everyone.
struct Flight {
    load: FanOut,
    launched: u64,
    landed: u64,
    /// When each was made, and how many deliveries are due. The slot is the number modulo the window.
    slots: Vec<(u64, usize)>,
}

impl Flight {
    fn new(load: FanOut) -> Self {
        Self {
            load,
            launched: 0,
            landed: 0,
            slots: (0..load.window).map(|_| (0, 0)).collect(),
        }
    }

    fn slot(&mut self, number: u64) -> &mut (u64, usize) {
        let slot = number % self.load.window;
        &mut self.slots[slot as usize]
    }

    fn has_room(&self) -> bool {
        self.launched - self.landed < self.load.window
    }

    fn launch(&mut self, now: u64) {
        self.launched += 1;
        *self.slot(self.launched) = (now, self.load.subscribers);
    }

    /// Counts one delivery. Publications land in order, as every subscriber gets them in order.
    fn deliver(&mut self, number: u64, now: u64, tally: &mut Tally) {
        tally.good();
        let (sent, due) = self.slot(number);
        *due -= 1;
        if *due == 0 {
            tally.time(now - *sent);
            self.landed += 1;
        }
    }
}

/// A session that listens.
struct Subscriber {
    stream: TcpStream,
    walker: Walker,
    /// Number of the last event.
    received: u64,
}

impl Subscriber {
    fn receive(
        &mut self,
        buffer: &mut ReadBuffer,
        flight: &mut Flight,
        now: u64,
        tally: &mut Tally,
    ) -> Result<()> {
        let mut listener = Listener {
            received: &mut self.received,
            flight,
            now,
            tally,
        };
        drain(&mut self.walker, &mut self.stream, buffer, &mut listener)
            .context("while waiting for events")
    }
}

/// Looks at events.
struct Listener<'a> {
    received: &'a mut u64,
    flight: &'a mut Flight,
    now: u64,
    tally: &'a mut Tally,
}

impl Receive for Listener<'_> {
    fn head_len(&self) -> usize {
        MAX_HEAD
    }

    fn begin(&mut self, head: &[u8]) {
        let due = *self.received + 1;
        if due <= self.flight.launched && number(head) == Some(due) {
            *self.received = due;
            self.flight.deliver(due, self.now, self.tally);
        } else {
            self.tally
                .bad(|| format!("instead of event {due}: {}", String::from_utf8_lossy(head)));
        }
    }

    fn more(&mut self, _bytes: &[u8]) {}

    fn end(&mut self) {}
}

/// The number of the publication that an event carries.
fn number(event: &[u8]) -> Option<u64> {
    let text = event
        .strip_prefix(b"[36,")?
        .strip_suffix(END.as_bytes())?
        .strip_suffix(FILLING.as_bytes())?;
    let digits = text.last_chunk::<DIGITS>()?;
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u64::from(digit - b'0'))
    })
}

/// The session that publishes.
struct Publisher {
    stream: TcpStream,
    walker: Walker,
    with: PublishWith,
    published: u64,
}

impl Publisher {
    fn publish(&mut self) -> Result<()> {
        self.published += 1;
        let arguments = json!([text(self.published)]);
        let request = match self.with {
            PublishWith::Publish => Request::wamp(
                Serializer::Json,
                16,
                &[json!({}), json!("bench.topic"), arguments],
            ),
            PublishWith::Call => Request::wamp(
                Serializer::Json,
                48,
                &[json!({}), json!("bench.publish"), arguments],
            ),
        }?;
        let mut bytes = Vec::new();
        request.put_head(self.published, &mut bytes);
        bytes.extend_from_slice(request.tail());
        // The window is far smaller than a socket's buffer, so this never has to wait.
        self.stream.write_all(&bytes).context("cannot publish")
    }

    fn receive(&mut self, buffer: &mut ReadBuffer, tally: &mut Tally) -> Result<()> {
        let mut listener = Results { tally };
        drain(&mut self.walker, &mut self.stream, buffer, &mut listener).context("while publishing")
    }
}

/// Looks at what the publisher is told.
struct Results<'a> {
    tally: &'a mut Tally,
}

impl Receive for Results<'_> {
    fn head_len(&self) -> usize {
        MAX_HEAD
    }

    fn begin(&mut self, head: &[u8]) {
        if !head.starts_with(b"[50,") {
            self.tally
                .bad(|| format!("the publisher got {}", String::from_utf8_lossy(head)));
        }
    }

    fn more(&mut self, _bytes: &[u8]) {}

    fn end(&mut self) {}
}

/// Reads all that is there. Pings stay unanswered: no run is as long as a server's patience.
fn drain(
    walker: &mut Walker,
    stream: &mut TcpStream,
    buffer: &mut ReadBuffer,
    receiver: &mut impl Receive,
) -> Result<()> {
    loop {
        match walker.read(stream, buffer, receiver) {
            Ok(More::Perhaps) => {}
            Ok(More::No) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}
