//! What a session wants to be published when it ends. WAMP, "Testament Meta API".

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wamp_proto::message::Publish;

use super::access::Permit;
use super::open::OpenSession;
use super::publish::admit_event;
use super::{Data, LIMIT_EXCEEDED, Session};
use crate::handler::CallError;
use crate::permission::Action;
use crate::permission::gate::Gate;
use crate::router::passing::check_passthru;
use crate::router::peer::Role;

/// Testaments of one session, and their bytes.
const MAX_NUMBER: usize = 64;
const MAX_BYTES: usize = 64 * 1024;

/// What has to end. Sessions cannot be resumed, so both end at once; the detached ones come first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope {
    /// The session.
    Destroyed,
    /// Its connection.
    Detached,
}

/// An event, for later.
pub(crate) struct Testament {
    publish: Publish,
    bytes: usize,
}

impl Testament {
    pub(crate) fn new(publish: Publish, bytes: usize) -> Self {
        Self { publish, bytes }
    }
}

/// Those of one session, each with what was permitted. They are kept in its [`Data`](super::Data), where most sessions have nothing.
#[derive(Default)]
struct Testaments {
    detached: Vec<(Testament, Permit)>,
    destroyed: Vec<(Testament, Permit)>,
}

impl Testaments {
    fn of(&mut self, scope: Scope) -> &mut Vec<(Testament, Permit)> {
        match scope {
            Scope::Detached => &mut self.detached,
            Scope::Destroyed => &mut self.destroyed,
        }
    }

    fn has_room_for(&self, bytes: usize) -> bool {
        let kept = || self.detached.iter().chain(&self.destroyed);
        let sum = kept().map(|(it, _)| it.bytes).sum::<usize>();
        kept().count() < MAX_NUMBER && sum + bytes <= MAX_BYTES
    }
}

/// Keeps a testament, if the session may publish it now.
pub(crate) async fn add_testament(
    session: &Session,
    testament: Testament,
    scope: Scope,
) -> Result<(), CallError> {
    let publish = &testament.publish;
    check_passthru(session.as_peer(), Role::Publisher, &publish.options.ppt)
        .map_err(CallError::invalid_argument)?;
    let permit = admit_event(Gate::new(session).as_ref(), session, publish)?;
    let permit = permit.decide(session, &publish.topic).await?;
    let permit = permit.settled(session, false)?;
    let kept = match kept(session) {
        Some(kept) => kept,
        None => {
            session.data().insert(Mutex::<Testaments>::default());
            kept(session).ok_or_else(|| CallError::internal("a testament cannot be kept"))?
        }
    };
    let mut kept = lock(&kept);
    if !kept.has_room_for(testament.bytes) {
        return Err(CallError::new(LIMIT_EXCEEDED).arg("too many testaments, or too long ones"));
    }
    kept.of(scope).push((testament, permit));
    Ok(())
}

/// Forgets what was to be published.
pub(crate) fn flush_testaments(session: &Session, scope: Scope) {
    if let Some(kept) = kept(session) {
        lock(&kept).of(scope).clear();
    }
}

impl OpenSession {
    /// Publishes what the session has left, in the order in which it was added. Nobody can be asked any more whether it may, but what the
    /// rules say still holds.
    pub(super) fn execute_testaments(&self) {
        let Some(kept) = self.session.existing_data().and_then(Data::get) else {
            return;
        };
        let Testaments {
            detached,
            destroyed,
        } = std::mem::take(&mut *lock(&kept));
        for (Testament { publish, .. }, permit) in detached.into_iter().chain(destroyed) {
            let gate = self.gate.as_deref();
            if gate.is_some_and(|it| it.forbids(Action::Publish, &publish.topic)) {
                continue;
            }
            self.route_event(&publish, self.shared.random_id(), &permit);
        }
    }
}

fn kept(session: &Session) -> Option<Arc<Mutex<Testaments>>> {
    session.existing_data()?.get()
}

fn lock(kept: &Mutex<Testaments>) -> MutexGuard<'_, Testaments> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
