//! Connections that each keep a number of calls in flight.

use std::io::ErrorKind;
use std::net::SocketAddr;

use anyhow::{Context, Result};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::caller::Caller;
use super::dialect::{Dialect, Procedure};
use super::frame::ReadBuffer;
use super::handshake::Talk;
use super::message::{Answer, Request};
use super::window::{Figures, Timing, Window};
use crate::process::ServerProcess;

/// How many call what.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    /// Connections.
    pub connections: usize,
    /// Calls that each of them has in flight.
    pub in_flight: usize,
    /// What is called.
    pub procedure: Procedure,
}

/// Runs the load.
pub fn call(
    server: &ServerProcess,
    dialect: Dialect,
    load: Calls,
    timing: Timing,
) -> Result<Figures> {
    let request = dialect.request(load.procedure)?;
    let answer = probe(server.address(), dialect, load.procedure, &request)?;

    let mut poll = Poll::new().context("cannot poll")?;
    let mut connections = Vec::with_capacity(load.connections);
    for token in 0..load.connections {
        let stream = Talk::open(server.address(), dialect)?.into_stream()?;
        let mut connection = Caller::new(TcpStream::from_std(stream), load.in_flight);
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry()
            .register(&mut connection.stream, Token(token), interest)
            .context("cannot poll a socket")?;
        connections.push(connection);
    }

    let mut window = Window::open(server, timing)?;
    let mut events = Events::with_capacity(1024);
    let mut buffer = ReadBuffer::new();
    let mut scratch = Vec::new();
    // The first event for each socket says that it is writable, and starts it.
    while let Some(wait) = window.tick() {
        match poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other.context("cannot poll")?,
        }
        for event in &events {
            let connection = connections
                .get_mut(event.token().0)
                .context("an event for no connection")?;
            if event.is_readable() {
                let now = window.now();
                connection.receive(&answer, &mut buffer, now, &mut window.tally)?;
            }
            let now = window.now();
            connection.send(&request, &mut scratch, now)?;
        }
    }
    window.close()
}

/// Makes one call, and looks at its answer in earnest.
pub fn probe(
    address: SocketAddr,
    dialect: Dialect,
    procedure: Procedure,
    request: &Request,
) -> Result<Answer> {
    let mut talk = Talk::open(address, dialect)?;
    talk.send(&request.payload(1))?;
    let answer = talk.receive()?;
    dialect.learn(procedure, 1, &answer)
}
