//! Placeholder until merged.
use wamp_proto::id::Id;
use wamp_proto::message::details::Receivers;

pub(crate) struct Audience {
    receivers: Option<Box<Receivers>>,
    excluded: Option<Id>,
}

impl Audience {
    pub(crate) fn new(
        receivers: Option<Box<Receivers>>,
        publisher: Option<Id>,
        exclude_me: bool,
    ) -> Self {
        Self {
            receivers,
            excluded: publisher.filter(|_| exclude_me),
        }
    }

    pub(crate) fn admits(&self, session: Id, authid: &str, authrole: &str) -> bool {
        if self.excluded == Some(session) {
            return false;
        }
        let Some(it) = &self.receivers else {
            return true;
        };
        it.eligible.as_ref().is_none_or(|it| it.contains(&session))
            && it
                .eligible_authid
                .as_ref()
                .is_none_or(|it| it.iter().any(|it| *it == authid))
            && it
                .eligible_authrole
                .as_ref()
                .is_none_or(|it| it.iter().any(|it| *it == authrole))
            && !it.exclude.as_ref().is_some_and(|it| it.contains(&session))
            && !it
                .exclude_authid
                .as_ref()
                .is_some_and(|it| it.iter().any(|it| *it == authid))
            && !it
                .exclude_authrole
                .as_ref()
                .is_some_and(|it| it.iter().any(|it| *it == authrole))
    }
}
