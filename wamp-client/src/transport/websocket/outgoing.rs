//! Messages on their way to tungstenite, which keeps a buffer as large as the largest frame that it was ever given: long ones go in
//! fragments, and what does not fit into a window waits here until there was a flush.

use std::collections::VecDeque;

use bytes::Bytes;

/// Bytes of a frame.
pub(super) const FRAGMENT: usize = 16 * 1024;

/// Bytes that are handed over between two flushes, more or less a fragment.
pub(super) const WINDOW: usize = 64 * 1024;

/// Bytes of the longest header of a frame, with its mask.
const HEADER: usize = 14;

#[derive(Debug, Default)]
pub(super) struct Outgoing {
    messages: VecDeque<Bytes>,
    /// Whether the first of them is what is left of a message that has begun.
    begun: bool,
    /// Bytes handed over since the last flush, with their headers.
    unflushed: usize,
}

/// A part of a message, or all of it.
pub(super) struct Fragment {
    pub(super) bytes: Bytes,
    pub(super) begins: bool,
    pub(super) ends: bool,
}

impl Outgoing {
    pub(super) fn push(&mut self, message: Bytes) {
        self.messages.push_back(message);
    }

    /// What is to be handed over now.
    pub(super) fn next(&mut self) -> Option<Fragment> {
        if self.unflushed >= WINDOW {
            return None;
        }
        let message = self.messages.front_mut()?;
        let bytes = message.split_to(message.len().min(FRAGMENT));
        let ends = message.is_empty();
        if ends {
            self.messages.pop_front();
        }
        self.unflushed += HEADER + bytes.len();
        let begins = !std::mem::replace(&mut self.begun, !ends);
        Some(Fragment {
            bytes,
            begins,
            ends,
        })
    }

    /// All that was handed over is on its way.
    pub(super) fn flushed(&mut self) {
        self.unflushed = 0;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is pushed comes out again, in fragments that are put together to the same messages, a window at a time.
        #[test]
        fn messages_survive(lengths in prop::collection::vec(0..3 * WINDOW, 0..20)) {
            let messages = lengths.iter().zip((0..=u8::MAX).cycle());
            let messages = messages.map(|(len, byte)| vec![byte; *len]).collect::<Vec<_>>();
            let mut outgoing = Outgoing::default();
            for message in &messages {
                outgoing.push(message.clone().into());
            }
            let mut seen: Vec<Vec<u8>> = Vec::new();
            let mut open = false;
            while !outgoing.is_empty() {
                let mut handed_over = 0;
                while let Some(Fragment { bytes, begins, ends }) = outgoing.next() {
                    prop_assert!(bytes.len() <= FRAGMENT);
                    prop_assert_eq!(begins, !open);
                    if begins {
                        seen.push(Vec::new());
                    }
                    handed_over += HEADER + bytes.len();
                    seen.last_mut().expect("one has begun").extend_from_slice(&bytes);
                    open = !ends;
                }
                prop_assert!(handed_over < WINDOW + HEADER + FRAGMENT);
                outgoing.flushed();
            }
            prop_assert!(!open);
            prop_assert_eq!(seen, messages);
        }
    }
}
