//! What happens to messages on their way.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::message::WireMessage;

/// Which messages, and what happens to them.
pub(super) struct Rule {
    pub(super) applies: Box<dyn FnMut(&WireMessage) -> bool + Send>,
    pub(super) act: Act,
    /// For the first message only.
    pub(super) once: bool,
}

/// What happens to a message.
#[derive(Clone)]
pub(super) enum Act {
    Lose,
    Duplicate,
    Delay(Duration),
    Corrupt,
    Replace(Bytes),
    Cut,
}

/// What becomes of a message.
pub(super) enum Passage {
    /// These bytes arrive, that much later.
    Bytes(Bytes, Duration),
    /// The connection is cut instead.
    Cut,
}

/// What is to happen to the messages of one direction.
#[derive(Default)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    delay: Duration,
}

impl Rules {
    pub(super) fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    pub(super) fn set_delay(&mut self, delay: Duration) {
        self.delay = delay;
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether frames pass as they are.
    pub(super) fn is_idle(&self) -> bool {
        self.rules.is_empty() && self.delay.is_zero()
    }

    /// What becomes of a message. Of rules that fit it, the first one counts.
    pub(super) fn apply(&mut self, message: &WireMessage) -> Vec<Passage> {
        let bytes = message.bytes().clone();
        let found = self.rules.iter_mut().position(|it| (it.applies)(message));
        let act = found.and_then(|at| match self.rules.get(at)?.once {
            true => Some(self.rules.remove(at).act),
            false => self.rules.get(at).map(|it| it.act.clone()),
        });
        let one = |bytes| Passage::Bytes(bytes, self.delay);
        match act {
            None => vec![one(bytes)],
            Some(Act::Lose) => Vec::new(),
            Some(Act::Duplicate) => vec![one(bytes.clone()), one(bytes)],
            Some(Act::Delay(delay)) => vec![Passage::Bytes(bytes, self.delay + delay)],
            // A list that breaks off, in every serializer.
            Some(Act::Corrupt) => vec![one(bytes.slice(..bytes.len() / 2))],
            Some(Act::Replace(other)) => vec![one(other)],
            Some(Act::Cut) => vec![Passage::Cut],
        }
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("rules", &self.rules.len())
            .field("delay", &self.delay)
            .finish()
    }
}
