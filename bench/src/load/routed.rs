//! Calls that a router passes on from callers to callees, all of them its clients.

use std::io::ErrorKind;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde_json::{Value, json};

use super::callee::Callee;
use super::caller::Caller;
use super::calls::{self, Calls};
use super::dialect::Dialect;
use super::enroll::Entry;
use super::frame::ReadBuffer;
use super::handshake::Talk;
use super::message::{Answer, Request};
use super::serializer::Serializer;
use super::window::{Figures, Tally, Timing, Window};
use crate::process::ServerProcess;

/// Who calls whom.
#[derive(Clone, Copy, Debug)]
pub struct Routed {
    /// What the callers do.
    pub calls: Calls,
    /// How the callers' messages are written.
    pub callers_speak: Serializer,
    /// How the callees' are.
    pub callees_speak: Serializer,
    /// Who is called.
    pub callees: Callees,
}

/// Who is called.
#[derive(Clone, Copy, Debug)]
pub enum Callees {
    /// As many as this, each with a procedure of its own; callers are spread over them.
    Own(usize),
    /// As many as this, who share a procedure and take turns.
    Shared(usize),
}

impl Callees {
    fn count(self) -> usize {
        match self {
            Self::Own(count) | Self::Shared(count) => count,
        }
    }

    /// Callees of a procedure.
    fn sharing(self) -> usize {
        match self {
            Self::Own(_) => 1,
            Self::Shared(count) => count,
        }
    }

    /// The procedures that there are.
    fn procedures(self) -> Vec<String> {
        let count = match self {
            Self::Own(count) => count,
            Self::Shared(_) => 1,
        };
        (0..count)
            .map(|number| format!("bench.routed.{number}"))
            .collect()
    }

    fn options(self) -> Value {
        match self {
            Self::Own(_) => json!({}),
            Self::Shared(_) => json!({"invoke": "roundrobin"}),
        }
    }
}

/// Runs the load.
pub fn routed(server: &ServerProcess, load: Routed, timing: Timing) -> Result<Figures> {
    let mut stage = Stage {
        poll: Poll::new().context("cannot poll")?,
        events: Events::with_capacity(1024),
        buffer: ReadBuffer::new(),
        scratch: Vec::new(),
        callees: Vec::new(),
        callers: Vec::new(),
    };
    let procedures = load.callees.procedures();
    for number in 0..load.callees.count() {
        let mut talk = Talk::open(server.address(), Dialect::Wamp(load.callees_speak))?;
        let procedure = &procedures[number % procedures.len()];
        Entry::Registration.make(&mut talk, &load.callees.options(), procedure)?;
        stage.add_callee(talk, load)?;
    }

    // Callees are not timed, so what is wrong there is all that they tell.
    let mut window = Window::open(server, timing)?;
    let mut lines = Vec::new();
    for procedure in &procedures {
        let arguments = load.calls.procedure.arguments();
        let request = Request::call(load.callers_speak, procedure, arguments)?;
        let mut answer = stage.probe(server, load, &request, &mut window.tally)?;
        // Answers may name the callee, so each is heard once.
        for _ in 1..load.callees.sharing() {
            answer.or(stage.probe(server, load, &request, &mut window.tally)?);
        }
        lines.push(Line { request, answer });
    }
    for _ in 0..load.calls.connections {
        let talk = Talk::open(server.address(), Dialect::Wamp(load.callers_speak))?;
        stage.add_caller(talk, load)?;
    }
    window.restart();
    while let Some(wait) = window.tick() {
        stage.turn(wait, &lines, &mut window)?;
    }
    window.close()
}

/// What is called, and what is answered.
struct Line {
    request: Request,
    answer: Answer,
}

/// All connections.
struct Stage {
    poll: Poll,
    events: Events,
    buffer: ReadBuffer,
    scratch: Vec<u8>,
    /// Their tokens are their indices.
    callees: Vec<Callee>,
    /// Their tokens follow.
    callers: Vec<Caller>,
}

impl Stage {
    fn add_callee(&mut self, talk: Talk, load: Routed) -> Result<()> {
        let stream = TcpStream::from_std(talk.into_stream()?);
        let mut callee = Callee::new(stream, load.callees_speak, load.calls.procedure)?;
        self.watch(&mut callee.stream)?;
        self.callees.push(callee);
        Ok(())
    }

    fn add_caller(&mut self, talk: Talk, load: Routed) -> Result<()> {
        let stream = TcpStream::from_std(talk.into_stream()?);
        let mut caller = Caller::new(stream, load.calls.in_flight);
        self.watch(&mut caller.stream)?;
        self.callers.push(caller);
        Ok(())
    }

    fn watch(&self, stream: &mut TcpStream) -> Result<()> {
        let token = Token(self.callees.len() + self.callers.len());
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registry = self.poll.registry();
        registry
            .register(stream, token, interest)
            .context("cannot poll a socket")
    }

    /// Makes one call, and looks at its answer in earnest. Whoever calls waits, so the callees
    /// answer meanwhile.
    fn probe(
        &mut self,
        server: &ServerProcess,
        load: Routed,
        request: &Request,
        tally: &mut Tally,
    ) -> Result<Answer> {
        const OFTEN: Duration = Duration::from_millis(1);
        let address = server.address();
        let dialect = Dialect::Wamp(load.callers_speak);
        thread::scope(|scope| {
            let call = || calls::probe(address, dialect, load.calls.procedure, request);
            let caller = scope.spawn(call);
            while !caller.is_finished() {
                self.wait(OFTEN)?;
                for event in &self.events {
                    let callee = self.callees.get_mut(event.token().0);
                    let callee = callee.context("an event for no callee")?;
                    callee.serve(&mut self.buffer, tally)?;
                }
            }
            let answer = caller.join();
            answer.map_err(|_| anyhow!("the first call panicked"))?
        })
    }

    /// Waits for sockets and does what there is to do.
    fn turn(&mut self, wait: Duration, lines: &[Line], window: &mut Window<'_>) -> Result<()> {
        self.wait(wait)?;
        for event in &self.events {
            let token = event.token().0;
            if let Some(callee) = self.callees.get_mut(token) {
                callee.serve(&mut self.buffer, &mut window.tally)?;
                continue;
            }
            let number = token - self.callees.len();
            let caller = self.callers.get_mut(number);
            let caller = caller.context("an event for no connection")?;
            let line = &lines[number % lines.len()];
            if event.is_readable() {
                let now = window.now();
                caller.receive(&line.answer, &mut self.buffer, now, &mut window.tally)?;
            }
            let now = window.now();
            caller.send(&line.request, &mut self.scratch, now)?;
        }
        Ok(())
    }

    fn wait(&mut self, wait: Duration) -> Result<()> {
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                self.events.clear();
                Ok(())
            }
            other => other.context("cannot poll"),
        }
    }
}
