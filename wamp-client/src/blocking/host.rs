//! The thread that a blocking client lives in.

use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::state::States;

/// A runtime with a thread. It ends some time after this is dropped.
#[derive(Debug)]
pub(super) struct Host {
    handle: Handle,
    /// Told what to wait for before the thread ends; it waits for this to be dropped, or told.
    last: Mutex<Option<oneshot::Sender<States>>>,
}

impl Host {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (last, awaited) = oneshot::channel::<States>();
        thread::Builder::new()
            .name("wamp-client".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    if let Ok(mut states) = awaited.await {
                        while states.next().await.is_some() {}
                    }
                });
                // A function that still runs is not waited for.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            last: Mutex::new(Some(last)),
        })
    }

    /// The thread ends when the client with these states is closed.
    pub(super) fn outlive(&self, states: States) {
        let last = self
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(last) = last {
            // It waits until it is told.
            let _ = last.send(states);
        }
    }

    /// Waits for something that needs the runtime.
    pub(super) fn wait<F: Future>(&self, future: F) -> F::Output {
        self.handle.block_on(future)
    }
}
