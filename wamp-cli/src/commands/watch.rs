//! Tells people on stderr that the connection was lost, and that it is there again, or that the router does not want what it had before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wamp_client::proto::uri;
use wamp_client::{CallError, Client, State};

use crate::client::{ClientFailure, note, told};
use crate::exit::Chain;

/// What becomes of a subscription or a registration after a reconnection.
pub(super) struct Renewal {
    refusals: mpsc::Receiver<ClientFailure>,
    is_taken: Taken,
}

/// Whether somebody else offers the procedure now, so that the client goes on trying.
type Taken = Arc<AtomicBool>;

/// And what the client is to call when the router refuses it.
pub(super) fn renewal() -> (impl Fn(&str, &CallError) + Send + Sync + 'static, Renewal) {
    let (refuse, refusals) = mpsc::channel(1);
    let is_taken = Taken::default();
    let taken = Arc::clone(&is_taken);
    let hook = move |_: &str, error: &CallError| {
        if error.uri() == Some(uri::PROCEDURE_ALREADY_EXISTS) {
            return taken.store(true, Ordering::Relaxed);
        }
        let failure = match error.remote() {
            Some(remote) => ClientFailure::Answered(remote.clone()),
            None => ClientFailure::Lost(Chain(error).to_string()),
        };
        // Only the first one is waited for.
        let _ = refuse.try_send(failure);
    };
    (hook, Renewal { refusals, is_taken })
}

impl Renewal {
    /// For who tells of it.
    pub(super) fn taken(&self) -> Taken {
        Arc::clone(&self.is_taken)
    }

    /// Ready when the router has refused it.
    pub(super) async fn refused(&mut self) -> ClientFailure {
        match self.refusals.recv().await {
            Some(failure) => failure,
            // The client is gone, and with it what may be refused.
            None => std::future::pending().await,
        }
    }
}

/// Tells what is the case while there is a session; then, in a task, how that changes, for as long as there is something to tell.
pub(super) fn watch(client: Client, what: String, taken: Taken) -> JoinHandle<()> {
    // At once: whoever gets all that he wants before the task has begun is told, too.
    note(&what);
    tokio::spawn(changes(client, what, taken))
}

async fn changes(client: Client, what: String, taken: Taken) {
    let mut states = client.states();
    drop(client);
    let mut was_lost = false;
    while let Some(state) = states.next().await {
        match state {
            State::Open(_) if was_lost => {
                was_lost = false;
                match taken.swap(false, Ordering::Relaxed) {
                    false => note(format_args!("connected again; {what}")),
                    true => note(
                        "connected again; somebody else offers it now, trying until it is free",
                    ),
                }
            }
            State::Connecting { reason, .. } if !was_lost => {
                was_lost = true;
                let reason = reason.map_or_else(String::new, |it| format!(" ({})", told(&it)));
                note(format_args!(
                    "the connection was lost{reason}; connecting again"
                ));
            }
            _ => {}
        }
    }
}
