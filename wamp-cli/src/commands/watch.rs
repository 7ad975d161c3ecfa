//! Tells people on stderr that the connection was lost, and that it is there again.

use wamp_client::{Client, State};

use crate::client::note;
use crate::exit::Chain;
use crate::value::printable;

/// Tells of it for as long as there is something to tell. `what` is what is the case while there is a session.
pub(super) async fn watch(client: Client, what: String) {
    let mut states = client.states();
    drop(client);
    note(&what);
    let mut was_lost = false;
    while let Some(state) = states.next().await {
        match state {
            State::Open(_) if was_lost => {
                was_lost = false;
                note(format_args!("connected again; {what}"));
            }
            State::Connecting { reason, .. } if !was_lost => {
                was_lost = true;
                let reason = reason.map_or_else(String::new, |it| {
                    format!(" ({})", printable(&Chain(&*it).to_string()))
                });
                note(format_args!(
                    "the connection was lost{reason}; connecting again"
                ));
            }
            _ => {}
        }
    }
}
