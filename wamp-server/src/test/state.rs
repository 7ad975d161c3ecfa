//! What is on its way between a client and a server in memory.

use std::collections::VecDeque;
use std::io;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::PollSender;
use wamp_client::error::TransportError;

use super::log::Log;
use super::message::Direction;
use super::rule::Rules;
use crate::transport::memory::Peer;

/// Frames that may be on their way in one direction, held back or delayed.
pub(super) const CAPACITY: usize = 1024;

/// A client's present connection, what is to happen on it, and what has happened on all of them.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) log: Log,
    pub(super) to_server: Way,
    pub(super) to_client: Way,
    pub(super) ends: Ends,
    /// Counts connections.
    generation: u64,
    /// Whether attempts to connect fail.
    pub(super) refuses: bool,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Way {
    pub(super) rules: Rules,
    /// Whether nothing moves.
    pub(super) is_held: bool,
    pub(super) queue: VecDeque<Queued>,
}

/// What is on its way.
#[derive(Debug)]
pub(super) enum Queued {
    Frame(Instant, Bytes),
    Cut,
}

/// The far end of a connection.
#[derive(Debug, Default)]
pub(super) struct Ends {
    sender: Option<PollSender<Bytes>>,
    receiver: Option<mpsc::Receiver<Bytes>>,
    /// Whether it was cut: the client hears of an error, not of an end.
    pub(super) is_cut: bool,
}

impl State {
    /// Begins the next connection; gives its number.
    pub(super) fn connect(&mut self, peer: Peer) -> u64 {
        let (sender, receiver) = peer.into_channels();
        self.to_server.queue.clear();
        self.to_client.queue.clear();
        self.log.reconnect();
        self.ends = Ends {
            sender: Some(PollSender::new(sender)),
            receiver: Some(receiver),
            is_cut: false,
        };
        self.generation += 1;
        self.generation
    }

    /// Closes a connection, if it is still the present one.
    pub(super) fn hang_up(&mut self, generation: u64) {
        if self.generation == generation {
            self.ends = Ends::default();
        }
    }

    pub(super) fn way(&mut self, direction: Direction) -> &mut Way {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    /// Cuts the connection: what is on its way is lost.
    pub(super) fn cut(&mut self) {
        self.to_server.queue.clear();
        self.to_client.queue.clear();
        self.ends = Ends {
            is_cut: true,
            ..Ends::default()
        };
    }

    /// Ends one direction, for whoever reads there.
    pub(super) fn half_close(&mut self, direction: Direction) {
        match direction {
            Direction::ToServer => self.ends.sender = None,
            Direction::ToClient => self.ends.receiver = None,
        }
    }

    pub(super) fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        match &mut self.ends.sender {
            Some(sender) if self.to_server.queue.is_empty() => {
                sender.poll_reserve(cx).map_err(|_| broken())
            }
            // What is held back or delayed has room of its own.
            _ => Poll::Ready(Ok(())),
        }
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.ends.check()?;
        if self.to_server.is_held {
            return match self.to_server.queue.len() < CAPACITY {
                true => Poll::Ready(Ok(())),
                false => Poll::Pending,
            };
        }
        loop {
            let now = Instant::now();
            if !self.to_server.is_due(now) {
                return Poll::Ready(Ok(()));
            }
            let Some(sender) = &mut self.ends.sender else {
                // Nobody reads: as on a socket, that is not noticed at once.
                self.to_server.queue.clear();
                return Poll::Ready(Ok(()));
            };
            if ready!(sender.poll_reserve(cx)).is_err() {
                return Poll::Ready(Err(broken()));
            }
            match self.to_server.next(now) {
                Next::Frame(frame) => {
                    if sender.send_item(frame).is_err() {
                        return Poll::Ready(Err(broken()));
                    }
                }
                Next::Cut => {
                    self.cut();
                    return Poll::Ready(Err(broken()));
                }
                Next::Later => {
                    sender.abort_send();
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

/// What can be moved.
pub(super) enum Next {
    Frame(Bytes),
    Cut,
    /// Nothing now.
    Later,
}

impl Way {
    /// When something arrives that would arrive then by itself: nothing overtakes.
    pub(super) fn due(&self, wanted: Instant) -> Instant {
        let last = self.queue.iter().rev().find_map(|it| match it {
            Queued::Frame(due, _) => Some(*due),
            Queued::Cut => None,
        });
        last.map_or(wanted, |last| last.max(wanted))
    }

    fn is_due(&self, now: Instant) -> bool {
        match self.queue.front() {
            None => false,
            Some(Queued::Cut) => true,
            Some(Queued::Frame(due, _)) => *due <= now,
        }
    }

    pub(super) fn next(&mut self, now: Instant) -> Next {
        if self.is_held || !self.is_due(now) {
            return Next::Later;
        }
        match self.queue.pop_front() {
            Some(Queued::Frame(_, frame)) => Next::Frame(frame),
            Some(Queued::Cut) => Next::Cut,
            None => Next::Later,
        }
    }
}

impl Ends {
    pub(super) fn check(&self) -> Result<(), TransportError> {
        match (self.is_cut, &self.sender, &self.receiver) {
            (true, ..) => Err(broken()),
            (false, None, None) => Err(TransportError::Closed),
            _ => Ok(()),
        }
    }

    pub(super) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match &mut self.receiver {
            Some(receiver) => receiver.poll_recv(cx),
            None => Poll::Ready(None),
        }
    }
}

pub(super) fn broken() -> TransportError {
    TransportError::Io(io::ErrorKind::ConnectionReset.into())
}
