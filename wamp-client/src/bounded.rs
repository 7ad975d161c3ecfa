//! A queue that is bounded by a count of items and by their bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use wamp_proto::payload::Payload;
use wamp_proto::received::CallResult;

/// Items that may wait.
const MAX_ITEMS: usize = 1024;

/// Bytes that may wait, unless a single item has more.
const MAX_BYTES: usize = 64 << 20;

/// What has a size.
pub(crate) trait Weighed {
    fn bytes(&self) -> usize;
}

impl Weighed for Payload {
    fn bytes(&self) -> usize {
        self.len()
    }
}

impl Weighed for CallResult {
    fn bytes(&self) -> usize {
        self.payload().len()
    }
}

#[derive(Debug)]
pub(crate) struct Sender<T> {
    items: mpsc::Sender<T>,
    waiting: Arc<AtomicUsize>,
}

#[derive(Debug)]
pub(crate) struct Receiver<T> {
    items: mpsc::Receiver<T>,
    waiting: Arc<AtomicUsize>,
}

/// Why an item was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Too much waits.
    Full,
    /// Nobody reads.
    Closed,
}

/// A queue for one who sends and one who reads.
pub(crate) fn queue<T: Weighed>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = mpsc::channel(MAX_ITEMS);
    let waiting = Arc::new(AtomicUsize::new(0));
    let sender = Sender {
        items: sender,
        waiting: Arc::clone(&waiting),
    };
    let receiver = Receiver {
        items: receiver,
        waiting,
    };
    (sender, receiver)
}

impl<T: Weighed> Sender<T> {
    pub(crate) fn try_send(&self, item: T) -> Result<(), Refused> {
        let bytes = item.bytes();
        let before = self.waiting.fetch_add(bytes, Ordering::Relaxed);
        if before > 0 && before.saturating_add(bytes) > MAX_BYTES {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Refused::Full);
        }
        self.items.try_send(item).map_err(|error| {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => Refused::Full,
                TrySendError::Closed(_) => Refused::Closed,
            }
        })
    }
}

impl<T: Weighed> Receiver<T> {
    pub(crate) async fn recv(&mut self) -> Option<T> {
        let item = self.items.recv().await?;
        self.waiting.fetch_sub(item.bytes(), Ordering::Relaxed);
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use wamp_proto::codec::Format;

    use super::*;

    fn payload(bytes: usize) -> Payload {
        Payload::new(Format::Json, Some(vec![b' '; bytes].into()), None)
    }

    #[tokio::test]
    async fn items_and_bytes_are_counted_until_they_are_read() {
        let (sender, mut receiver) = queue();
        assert_eq!(
            sender.try_send(payload(MAX_BYTES + 1)),
            Ok(()),
            "one always fits"
        );
        assert_eq!(sender.try_send(payload(1)), Err(Refused::Full));
        assert!(receiver.recv().await.is_some());
        for _ in 0..MAX_ITEMS {
            assert_eq!(sender.try_send(payload(1)), Ok(()));
        }
        assert_eq!(sender.try_send(payload(1)), Err(Refused::Full));
        for _ in 0..MAX_ITEMS {
            assert!(receiver.recv().await.is_some());
        }
        assert_eq!(sender.waiting.load(Ordering::Relaxed), 0);
        drop(receiver);
        let empty = Payload::new(Format::Json, Some(Bytes::new()), None);
        assert_eq!(sender.try_send(empty), Err(Refused::Closed));
    }
}
