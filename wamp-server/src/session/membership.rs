//! Joining a realm and leaving it, as others see it.

use serde_json::json;

use super::Session;
use super::open::OpenSession;
use crate::router::meta::tell;

impl OpenSession {
    /// WELCOME has been said: from here on the session is there for others.
    pub(super) fn join(&mut self) {
        self.session.set_joined(true);
        if self.tells() {
            let broker = &self.session.realm().inner().broker;
            tell(broker, "wamp.session.on_join", &[details(&self.session)]);
        }
    }

    /// The session is over. Its subscriptions have ended, so it does not hear of that itself.
    pub(super) fn part(&self) {
        if self.session.set_joined(false) && self.tells() {
            let auth = self.session.auth();
            let gone = (self.session.id(), &*auth.id, &*auth.role);
            let broker = &self.session.realm().inner().broker;
            tell(broker, "wamp.session.on_leave", &gone);
        }
    }

    fn tells(&self) -> bool {
        let router = &self.session.realm().inner().router;
        router.as_ref().is_some_and(|it| it.meta_api)
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
