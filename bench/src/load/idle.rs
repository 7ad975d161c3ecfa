//! Sessions that have been opened, have said one thing, and then nothing.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::dialect::{Dialect, Procedure};
use super::handshake::Talk;
use crate::process::ServerProcess;

/// What idle sessions cost.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// Sessions held.
    pub sessions: usize,
    /// Time to open them all, one after the other.
    pub opening: Duration,
    /// Resident memory per session, in KiB.
    pub rss_per_session: Option<f64>,
    /// CPU time to open one.
    pub cpu_per_session: Option<Duration>,
    /// CPU time used while nothing happened, as a share of a core.
    pub idle_share: Option<f64>,
}

/// Opens the sessions and holds them for a while.
pub fn idle(
    server: &ServerProcess,
    dialect: Dialect,
    sessions: usize,
    hold: Duration,
) -> Result<Idle> {
    let begin = (server.rss(), server.cpu_time(), Instant::now());
    let mut held = Vec::with_capacity(sessions);
    for number in 0..sessions {
        let stream = open(server, dialect).with_context(|| format!("session {number}"))?;
        held.push(stream);
    }
    let opening = begin.2.elapsed();
    let opened = server.cpu_time();
    std::thread::sleep(hold);
    let end = (server.rss(), server.cpu_time());
    drop(held);

    let difference =
        |later: Option<Duration>, earlier: Option<Duration>| Some(later?.saturating_sub(earlier?));
    let count = sessions.max(1) as f64;
    Ok(Idle {
        sessions,
        opening,
        rss_per_session: begin
            .0
            .zip(end.0)
            .map(|(begin, end)| end.saturating_sub(begin) as f64 / count),
        cpu_per_session: difference(opened, begin.1).map(|cpu| cpu.div_f64(count)),
        idle_share: difference(end.1, opened).map(|cpu| cpu.as_secs_f64() / hold.as_secs_f64()),
    })
}

/// Opens a session in which one message has been read and one written, so that its buffers are there.
fn open(server: &ServerProcess, dialect: Dialect) -> Result<std::net::TcpStream> {
    let mut talk = Talk::open(server.address(), dialect)?;
    match dialect {
        // Their greeting was that message.
        Dialect::Wamp(_) | Dialect::SocketIo => {}
        Dialect::Echo(_) | Dialect::JsonRpc => {
            talk.send(&dialect.request(Procedure::Add2)?.payload(1))?;
            talk.receive()?;
        }
    }
    talk.into_stream()
}
