//! `wamp.session.kill` and its siblings: ending the sessions of others.

use std::time::Duration;

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::payload::Single;
use wamp_proto::uri;

use super::Procedures;
use super::options::{Reason, keyword};
use super::sessions::{find, no_such_session, visible};
use crate::handler::{Call, CallError, FromCall};
use crate::session::Session;

/// Bytes of what the victims are told: every one of them gets it.
const MAX_MESSAGE: usize = 1024;

/// Nobody waits longer for victims whose functions let nobody else have his turn. They are ended all the same.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn add(procedures: &mut Procedures) {
    procedures.add("wamp.session.kill", kill);
    procedures.add("wamp.session.kill_by_authid", kill_by_authid);
    procedures.add("wamp.session.kill_by_authrole", kill_by_authrole);
    procedures.add("wamp.session.kill_all", kill_all);
}

/// What the victims are told.
struct Farewell {
    reason: ByteString,
    message: String,
}

impl<'c> FromCall<'c> for Farewell {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let Reason(reason) = Reason::from_call(call).await?;
        let message = keyword::<String>(&call.payload, "message")?;
        let message = message.unwrap_or_else(|| "another session has ended this one".to_owned());
        if message.len() > MAX_MESSAGE {
            let limit = format!("message: has more than {MAX_MESSAGE} bytes");
            return Err(CallError::invalid_argument(limit));
        }
        let default = ByteString::from_static(uri::KILLED);
        Ok(Self {
            reason: reason.map_or(default, ByteString::from),
            message,
        })
    }
}

async fn kill(killer: Session, victim: Id, farewell: Farewell) -> Result<(), CallError> {
    let session = find(&killer, victim)?;
    match end(&killer, [session], &farewell).await.is_empty() {
        // Itself, or one that is about to end already.
        true => Err(no_such_session(victim)),
        false => Ok(()),
    }
}

async fn kill_by_authid(killer: Session, authid: String, farewell: Farewell) -> Single<Vec<Id>> {
    let victims = visible(&killer).into_iter();
    let victims = victims.filter(|it| authid == *it.auth().id);
    let mut killed = end(&killer, victims, &farewell).await;
    killed.sort_unstable();
    Single(killed)
}

async fn kill_by_authrole(killer: Session, role: String, farewell: Farewell) -> usize {
    let victims = visible(&killer).into_iter();
    let victims = victims.filter(|it| role == *it.auth().role);
    end(&killer, victims, &farewell).await.len()
}

async fn kill_all(killer: Session, farewell: Farewell) -> usize {
    end(&killer, visible(&killer), &farewell).await.len()
}

/// Ends sessions, but never the killer's; whom it has ended. They are out of all tables then, whether they answer or not.
async fn end(
    killer: &Session,
    victims: impl IntoIterator<Item = Session>,
    farewell: &Farewell,
) -> Vec<Id> {
    let mut victims = victims.into_iter().collect::<Vec<_>>();
    victims.retain(|it| it != killer && it.kill(&farewell.reason, &farewell.message));
    let ids = victims.iter().map(Session::id).collect();
    // Every one ends in its own task, which waits for nobody.
    let ended = async {
        for victim in victims {
            victim.ended().await;
        }
    };
    if tokio::time::timeout(PATIENCE, ended).await.is_err() {
        tracing::warn!("sessions that were killed have not ended yet");
    }
    ids
}
