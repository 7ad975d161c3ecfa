//! The router and the reference side by side: after every step all sessions must have been told the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use super::fake::Fake;
use super::operation::Operation;
use super::real::Real;
use super::reference::{Reference, Violation};
use super::said::Said;
use crate::router::peer::Peer as _;

pub(super) struct Both {
    pub(super) real: Real,
    pub(super) model: Reference,
    everybody: Vec<Weak<Fake>>,
    last_tag: u64,
}

impl Both {
    pub(super) fn new(is_strict: bool, max_invocations: usize) -> Self {
        Self {
            real: Real::new(is_strict, max_invocations),
            model: Reference::new(is_strict, max_invocations),
            everybody: Vec::new(),
            last_tag: 0,
        }
    }

    /// Does something; a session that violates the protocol by it ends. What was said.
    ///
    /// # Panics
    ///
    /// If router and reference differ.
    pub(super) fn step(&mut self, id: u64, operation: &Operation) -> BTreeMap<u64, Vec<Said>> {
        self.last_tag += 1;
        let done = self.real.step(id, operation, self.last_tag);
        let mut said = self.real.said();
        self.model.chosen = called(&said);
        let (mut expected, rightly) = self.model.step(id, operation, self.last_tag);
        if matches!(operation, Operation::Leave | Operation::Pass(_)) {
            // Many calls end at once, in no particular order.
            said.values_mut().for_each(|it| sort_up_to_events(it));
            expected.values_mut().for_each(|it| sort_up_to_events(it));
        }
        assert_eq!(
            done, rightly,
            "router and reference disagree on a violation"
        );
        assert_eq!(said, expected, "the router (left) is not what it should be");
        if let Operation::Join(..) = operation {
            let newest = self.real.fake(self.model.last_session);
            self.everybody.push(Arc::downgrade(newest));
        }
        if done == Err(Violation) {
            self.step(id, &Operation::Leave);
        }
        if self.last_tag.is_multiple_of(16) {
            self.assert_same_links();
        }
        said
    }

    /// All sessions leave: nothing remains of them.
    pub(super) fn end(mut self) {
        self.assert_same_links();
        while let Some(id) = self.model.sessions.first().map(|it| it.id) {
            self.step(id, &Operation::Leave);
        }
        let model = &self.model;
        assert!(model.calls.is_empty());
        self.real
            .assert_empty(model.last_registration, model.last_subscription);
        let mut everybody = self.everybody.iter();
        assert!(everybody.all(|it| it.strong_count() == 0));
    }

    fn assert_same_links(&self) {
        for session in &self.model.sessions {
            let links = self.real.fake(session.id).links();
            assert_eq!(links.made(), self.model.waited_for_by(session.id));
            assert_eq!(links.invoked(), self.model.owed_by(session.id));
        }
    }
}

/// Who got an invocation: of one step there is one at most.
fn called(said: &BTreeMap<u64, Vec<Said>>) -> Option<u64> {
    let is_invocation = |it: &Said| matches!(it, Said::Invocation { .. });
    let mut called = said.iter();
    let called = called.find(|(_, said)| said.iter().any(is_invocation));
    called.map(|(session, _)| *session)
}

fn sort_up_to_events(said: &mut [Said]) {
    let is_event = |it: &Said| matches!(it, Said::Event { .. });
    let end = said.iter().position(is_event).unwrap_or(said.len());
    said[..end].sort();
}
