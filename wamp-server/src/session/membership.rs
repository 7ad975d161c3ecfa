//! Joining a realm and leaving it, as others see it.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use bytestring::ByteString;
use serde_json::json;

use super::Session;
use super::open::OpenSession;
use crate::router::meta::tell;

impl OpenSession {
    /// WELCOME has been said: from here on the session is there for others.
    pub(super) fn join(&mut self) {
        self.session.enter(Stage::Joined);
        if self.tells() {
            let broker = &self.session.realm().inner().broker;
            tell(broker, "wamp.session.on_join", &[details(&self.session)]);
        }
    }

    /// The session is over. Its subscriptions have ended, so it does not hear of that itself.
    pub(super) fn part(&self) {
        if self.session.enter(Stage::Over) != Stage::Opening as u8 && self.tells() {
            let auth = self.session.auth();
            let gone = (self.session.id(), &*auth.id, &*auth.role);
            let broker = &self.session.realm().inner().broker;
            tell(broker, "wamp.session.on_leave", &gone);
        }
        self.session.signal_end();
    }

    fn tells(&self) -> bool {
        let router = &self.session.realm().inner().router;
        router.as_ref().is_some_and(|it| it.meta_api)
    }
}

/// How far a session has come, as others see it.
#[derive(Clone, Copy)]
pub(super) enum Stage {
    /// It is not there yet.
    Opening = 0,
    Joined,
    /// Another session has ended it. It is not there any more, even if it does not know yet.
    Killed,
    /// Nothing of it is left.
    Over,
}

impl Session {
    /// Whether it is open and not about to end.
    pub(crate) fn is_joined(&self) -> bool {
        self.inner.stage.load(Relaxed) == Stage::Joined as u8
    }

    /// Ends it with GOODBYE for another session; false if that, or its end, has come before.
    pub(crate) fn kill(&self, reason: &ByteString, message: &str) -> bool {
        let (joined, killed) = (Stage::Joined as u8, Stage::Killed as u8);
        let stage = &self.inner.stage;
        let is_first = stage
            .compare_exchange(joined, killed, SeqCst, SeqCst)
            .is_ok();
        if is_first {
            self.close(reason.clone(), message);
        }
        is_first
    }

    /// Ends a session that nobody has joined or knows of.
    pub(crate) fn end_inside(&self) {
        self.outbox().close();
        self.enter(Stage::Over);
        self.signal_end();
    }

    /// The stage before.
    fn enter(&self, stage: Stage) -> u8 {
        let before = self.inner.stage.swap(stage as u8, SeqCst);
        self.realm().inner().shared.sessions.signal.tell();
        before
    }
}

/// What others are told of a session: never headers, cookies or addresses.
pub(crate) fn details(session: &Session) -> serde_json::Value {
    let auth = session.auth();
    json!({
        "session": session.id(),
        "authid": &*auth.id,
        "authrole": &*auth.role,
        "authmethod": &*auth.method,
        "authprovider": &*auth.provider,
    })
}
