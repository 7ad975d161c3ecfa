//! A connection that keeps a number of calls in flight.

use std::io::{ErrorKind, IoSlice, Write};

use anyhow::{Context, Result, bail};
use mio::net::TcpStream;

use super::frame::{self, More, PONG, ReadBuffer, Receive, Walker};
use super::message::{Answer, Request};
use super::window::Tally;

/// A connection and its calls.
pub struct Caller {
    /// The socket, to be polled.
    pub stream: TcpStream,
    walker: Walker,
    pending: Pending,
    /// The request being written, and how much of it is.
    writing: (u64, usize),
    /// A pong that is not yet written.
    pong: Vec<u8>,
}

impl Caller {
    /// A connection that has not called yet.
    pub fn new(stream: TcpStream, in_flight: usize) -> Self {
        Self {
            stream,
            walker: Walker::default(),
            pending: Pending::new(in_flight),
            writing: (Pending::FIRST, 0),
            pong: Vec::new(),
        }
    }

    /// Takes the answers that are there.
    pub fn receive(
        &mut self,
        answer: &Answer,
        buffer: &mut ReadBuffer,
        now: u64,
        tally: &mut Tally,
    ) -> Result<()> {
        let mut checker = Checker {
            answer,
            pending: &mut self.pending,
            now,
            tally,
        };
        loop {
            match self.walker.read(&mut self.stream, buffer, &mut checker) {
                Ok(More::Perhaps) => {}
                Ok(More::No) => break,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("while waiting for answers"),
            }
        }
        for ping in self.walker.pings.drain(..) {
            frame::put_header(PONG, ping.len(), &mut self.pong);
            self.pong.extend_from_slice(&ping);
        }
        Ok(())
    }

    /// Makes as many new calls as may be in flight, and writes as much as the socket takes.
    pub fn send(&mut self, request: &Request, scratch: &mut Vec<u8>, now: u64) -> Result<()> {
        let end = self.pending.admit(now);
        loop {
            let (id, offset) = self.writing;
            if offset == 0 && !self.pong.is_empty() {
                match self.stream.write(&self.pong) {
                    Ok(written) if written == self.pong.len() => self.pong.clear(),
                    Ok(_) => bail!("a pong was cut in two"),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                    Err(error) => return Err(error).context("while sending a pong"),
                }
            }
            if id == end {
                return Ok(());
            }
            scratch.clear();
            let mut next = id;
            let written = if request.tail().len() <= COPIED {
                while next < end && scratch.len() < WRITTEN_AT_ONCE {
                    request.put_head(next, scratch);
                    scratch.extend_from_slice(request.tail());
                    next += 1;
                }
                self.stream.write(&scratch[offset..])
            } else {
                request.put_head(id, scratch);
                let mut parts = [IoSlice::new(scratch), IoSlice::new(request.tail())];
                let mut parts = &mut parts[..];
                IoSlice::advance_slices(&mut parts, offset);
                self.stream.write_vectored(parts)
            };
            match written {
                Ok(written) if next > id && offset + written == scratch.len() => {
                    self.writing = (next, 0);
                }
                Ok(written) => self.writing = advance(request, scratch, self.writing, written),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("while sending calls"),
            }
        }
    }
}

/// Where writing is after `written` more bytes.
fn advance(
    request: &Request,
    scratch: &mut Vec<u8>,
    (mut id, mut offset): (u64, usize),
    written: usize,
) -> (u64, usize) {
    offset += written;
    loop {
        scratch.clear();
        request.put_head(id, scratch);
        let len = scratch.len() + request.tail().len();
        if offset < len {
            return (id, offset);
        }
        offset -= len;
        id += 1;
    }
}

/// Calls without an answer.
struct Pending {
    in_flight: u64,
    outstanding: u64,
    next_id: u64,
    /// The id waiting in each slot (0: none), and when it was sent. The slot is the id's lowest
    /// bits; answers may come in any order, so there are more slots than calls in flight.
    slots: Box<[(u64, u64)]>,
    /// The id and the kind of the answer being looked at, if all is right so far.
    current: Option<(u64, usize)>,
    /// Bytes after the id that are looked at.
    matched: usize,
}

impl Pending {
    const FIRST: u64 = 1;

    fn new(in_flight: usize) -> Self {
        Self {
            in_flight: in_flight as u64,
            outstanding: 0,
            next_id: Self::FIRST,
            slots: vec![(0, 0); (in_flight * 16).next_power_of_two()].into_boxed_slice(),
            current: None,
            matched: 0,
        }
    }

    fn slot(&mut self, id: u64) -> &mut (u64, u64) {
        let mask = self.slots.len() - 1;
        &mut self.slots[id as usize & mask]
    }

    /// Begins calls and returns the id after the last. A call that is left unanswered while all
    /// slots come round stops the connection; the figures will show it.
    fn admit(&mut self, now: u64) -> u64 {
        while self.outstanding < self.in_flight {
            let id = self.next_id;
            let slot = self.slot(id);
            if slot.0 != 0 {
                break;
            }
            *slot = (id, now);
            self.outstanding += 1;
            self.next_id += 1;
        }
        self.next_id
    }

    /// When the call was sent, if it waits for its answer.
    fn complete(&mut self, id: u64) -> Option<u64> {
        let slot = self.slot(id);
        if id == 0 || slot.0 != id {
            return None;
        }
        slot.0 = 0;
        let sent = slot.1;
        self.outstanding -= 1;
        Some(sent)
    }
}

/// Looks at answers.
struct Checker<'a> {
    answer: &'a Answer,
    pending: &'a mut Pending,
    now: u64,
    tally: &'a mut Tally,
}

impl Receive for Checker<'_> {
    fn head_len(&self) -> usize {
        self.answer.head_len()
    }

    #[inline]
    fn begin(&mut self, head: &[u8]) {
        let known = self.answer.id(head).and_then(|(id, begin)| {
            let kind = self.answer.kind(begin)?;
            Some((id, kind, begin.len()))
        });
        match known {
            Some((id, kind, matched)) => {
                self.pending.current = Some((id, kind));
                self.pending.matched = matched;
            }
            None => self
                .tally
                .bad(|| format!("an answer beginning {}", String::from_utf8_lossy(head))),
        }
    }

    fn more(&mut self, bytes: &[u8]) {
        let Some((_, kind)) = self.pending.current else {
            return;
        };
        if self.answer.rest(kind)[self.pending.matched..].starts_with(bytes) {
            self.pending.matched += bytes.len();
        } else {
            self.pending.current = None;
            self.tally.bad(|| "an answer that goes on wrong".to_owned());
        }
    }

    #[inline]
    fn end(&mut self) {
        let Some((id, kind)) = self.pending.current.take() else {
            return;
        };
        if self.pending.matched != self.answer.rest(kind).len() {
            return self
                .tally
                .bad(|| format!("an answer to {id} that is too short"));
        }
        match self.pending.complete(id) {
            Some(sent) => {
                self.tally.good();
                self.tally.time(self.now - sent);
            }
            None => self
                .tally
                .bad(|| format!("an answer to {id}, which was not asked or is answered")),
        }
    }
}

/// Longest tail that is copied to be written in one piece with others.
const COPIED: usize = 4 * 1024;
/// Bytes after which a batch of requests is written.
const WRITTEN_AT_ONCE: usize = 64 * 1024;
