//! The reference for registrations.

use std::cmp::Reverse;

use wamp_proto::message::{Invoke, RequestType};
use wamp_proto::uri;
use wamp_uri::{Match, is_reserved, matches, specificity};

use super::super::shard::weight;
use super::operation::{Calling, Registering};
use super::reference::Reference;
use super::said::{Body, Said};
use super::shard_key;

pub(super) struct Registration {
    pub(super) id: u64,
    pub(super) uri: &'static str,
    pub(super) matching: Match,
    invoke: Invoke,
    /// In the order of registration.
    pub(super) members: Vec<Member>,
    /// Whose turn it is.
    turn: usize,
}

/// One who offers a procedure.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) session: u64,
    /// Another one, if the same session offers it again.
    number: u64,
    concurrency: Option<u64>,
    pub(super) disclose_caller: bool,
    pub(super) forward_timeout: bool,
}

impl Reference {
    pub(super) fn register(&mut self, session: u64, wish: &Registering) {
        let request = self.request(session);
        let invoke = wish.invoke.unwrap_or(Invoke::Single);
        let same = |it: &Registration| it.uri == wish.uri && it.matching == wish.matching;
        if wish.force
            && let Some(existing) = self.registrations.iter().find(|it| same(it))
        {
            let (id, members) = (existing.id, existing.members.clone());
            for member in members {
                self.remove_callee(member.session, id);
            }
        }
        let existing = self.registrations.iter().position(same);
        if let Some(at) = existing {
            let it = &self.registrations[at];
            if it.invoke != invoke || invoke == Invoke::Single {
                let of = RequestType::Register;
                return self.fail(session, of, request, uri::PROCEDURE_ALREADY_EXISTS);
            }
        }
        let at = existing.unwrap_or_else(|| {
            self.last_registration += 1;
            self.registrations.push(Registration {
                id: self.last_registration,
                uri: wish.uri,
                matching: wish.matching,
                invoke,
                members: Vec::new(),
                turn: 0,
            });
            self.registrations.len() - 1
        });
        let id = self.registrations[at].id;
        let registered = Said::Registered {
            request,
            registration: id,
        };
        self.say(session, registered);
        if existing.is_none() {
            let created = Body::Created {
                session,
                id,
                uri: wish.uri.to_owned(),
                matching: wish.matching.to_string(),
                invoke: Some(invoke.to_string()),
            };
            self.tell("wamp.registration.on_create", &created);
        }
        let members = &mut self.registrations[at].members;
        if members.iter().all(|it| it.session != session) {
            self.last_membership += 1;
            members.push(Member {
                session,
                number: self.last_membership,
                // None at all would be a strange wish.
                concurrency: wish.concurrency.filter(|it| *it > 0),
                disclose_caller: wish.disclose_caller,
                forward_timeout: wish.forward_timeout,
            });
            let body = Body::Change(session, id);
            self.tell("wamp.registration.on_register", &body);
        }
    }

    pub(super) fn unregister(&mut self, session: u64, registration: u64) {
        let request = self.request(session);
        if self.withdraw(session, registration) {
            self.say(session, Said::Unregistered { request });
        } else {
            let of = RequestType::Unregister;
            self.fail(session, of, request, uri::NO_SUCH_REGISTRATION);
        }
    }

    pub(super) fn remove_callee(&mut self, session: u64, registration: u64) {
        if self.withdraw(session, registration) && self.can(session).revocation {
            self.say(session, Said::RegistrationRevoked(registration));
        }
    }

    pub(super) fn withdraw_all(&mut self, session: u64) {
        for id in 1..=self.last_registration {
            self.withdraw(session, id);
        }
    }

    fn withdraw(&mut self, session: u64, registration: u64) -> bool {
        let mut all = self.registrations.iter_mut();
        let Some(it) = all.find(|it| it.id == registration) else {
            return false;
        };
        let Some(at) = it.members.iter().position(|it| it.session == session) else {
            return false;
        };
        it.members.remove(at);
        if at < it.turn {
            it.turn -= 1;
        }
        let is_last = it.members.is_empty();
        self.registrations.retain(|it| !it.members.is_empty());
        let body = Body::Change(session, registration);
        self.tell("wamp.registration.on_unregister", &body);
        if is_last {
            self.tell("wamp.registration.on_delete", &body);
        }
        true
    }

    /// What a call of a URI is for.
    pub(super) fn resolve(&self, uri: &str) -> Option<u64> {
        let fitting = self.registrations.iter().filter(|it| {
            matches(it.uri, it.matching, uri) && (it.matching == Match::Exact || !is_reserved(uri))
        });
        let best = fitting.min_by_key(|it| rank(it.uri, it.matching));
        best.map(|it| it.id)
    }

    fn registration(&self, id: u64) -> Option<&Registration> {
        self.registrations.iter().find(|it| it.id == id)
    }

    pub(super) fn matching_of(&self, registration: u64) -> Match {
        let found = self.registration(registration);
        found.map(|it| it.matching).unwrap_or_default()
    }

    /// Whether there can be another callee.
    pub(super) fn is_shared(&self, registration: u64) -> bool {
        let found = self.registration(registration);
        found.is_some_and(|it| it.invoke != Invoke::Single)
    }

    /// Who is called.
    pub(super) fn choose(
        &mut self,
        registration: u64,
        calling: &Calling,
        tried: &[u64],
    ) -> Option<Member> {
        let it = self.registration(registration)?;
        let mut order = it.members.clone();
        match (calling.key, it.invoke) {
            (Some(key), _) => {
                let key = shard_key(key);
                order.sort_by_key(|it| Reverse(weight(key, it.session)));
            }
            (None, Invoke::Single | Invoke::First) => {}
            (None, Invoke::Last) => order.reverse(),
            (None, Invoke::RoundRobin) => {
                let turn = it.turn % order.len();
                order.rotate_left(turn);
            }
            (None, Invoke::Random) => {
                let is_chosen = |it: &Member| self.chosen == Some(it.session);
                order.sort_by_key(|it| !is_chosen(it));
            }
        }
        let chosen = order.into_iter().find(|it| {
            let session = self.find_session(it.session);
            let calls = self.calls.iter();
            let open = calls.filter(|call| call.owes && call.callee.number == it.number);
            !tried.contains(&it.session)
                && session.is_some_and(|it| it.is_accepting)
                && it.concurrency.is_none_or(|max| (open.count() as u64) < max)
        })?;
        let mut all = self.registrations.iter_mut();
        if let Some(it) = all.find(|it| it.id == registration)
            && calling.key.is_none()
            && it.invoke == Invoke::RoundRobin
        {
            let at = it
                .members
                .iter()
                .position(|it| it.number == chosen.number)?;
            it.turn = (at + 1) % it.members.len();
        }
        Some(chosen)
    }
}

/// What comes first: the exact URI, then the longest prefix, then the most specific wildcard pattern.
pub(super) fn rank(
    pattern: &str,
    matching: Match,
) -> (u8, Reverse<usize>, Reverse<wamp_uri::Specificity>) {
    match matching {
        Match::Exact => (0, Reverse(0), Reverse(specificity(""))),
        Match::Prefix => (1, Reverse(pattern.len()), Reverse(specificity(""))),
        Match::Wildcard => (2, Reverse(0), Reverse(specificity(pattern))),
    }
}
