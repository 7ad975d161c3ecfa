//! Every order of what can happen to one call: a few events, in every mode of canceling.
//!
//! What must hold whatever happens is asserted here; that nothing else is said either, by the comparison with the reference.

use wamp_proto::codec::Format;
use wamp_proto::message::{CancelMode, Invoke};

use super::both::Both;
use super::fake::Abilities;
use super::operation::{Calling, Operation, Registering};
use super::said::Said;

const CALLER: u64 = 1;
const CALLEE: u64 = 2;
const OTHER: u64 = 3;
const CALL: u64 = 1;
const URI: &str = "com.a";

const MODES: [CancelMode; 3] = [CancelMode::Skip, CancelMode::Kill, CancelMode::KillNoWait];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Cancel,
    /// Another message of the call, or the last one.
    Continue(bool),
    Progress,
    Final(u64),
    Error,
    Decline(u64),
    Timeout,
    Leave(u64),
    Unregister,
}

/// What is called, and by whom.
#[derive(Clone, Copy, Debug)]
struct Case {
    mode: CancelMode,
    /// What the callee has announced.
    can: Abilities,
    /// Whether the call comes in several messages.
    progressive: bool,
    /// Whether there is another callee.
    shared: bool,
}

#[test]
fn one_callee_in_every_order() {
    let events = [
        Event::Cancel,
        Event::Progress,
        Event::Final(CALLEE),
        Event::Error,
        Event::Timeout,
        Event::Leave(CALLEE),
        Event::Leave(CALLER),
        Event::Unregister,
    ];
    every_order(&events, 5, Repeats::No, case(Abilities::ALL));
    for can in [Abilities::ALL, without_canceling()] {
        every_order(&events, 4, Repeats::Yes, case(can));
    }
}

#[test]
fn progressive_calls_in_every_order() {
    let events = [
        Event::Cancel,
        Event::Continue(true),
        Event::Continue(false),
        Event::Final(CALLEE),
        Event::Timeout,
        Event::Leave(CALLEE),
        Event::Leave(CALLER),
    ];
    let case = Case {
        progressive: true,
        ..case(Abilities::ALL)
    };
    every_order(&events, 4, Repeats::Yes, case);
}

#[test]
fn declining_callees_in_every_order() {
    let events = [
        Event::Cancel,
        Event::Decline(CALLEE),
        Event::Decline(OTHER),
        Event::Final(CALLEE),
        Event::Final(OTHER),
        Event::Timeout,
        Event::Leave(CALLEE),
        Event::Leave(OTHER),
        Event::Leave(CALLER),
    ];
    for can in [Abilities::ALL, without_canceling()] {
        let case = Case {
            shared: true,
            ..case(can)
        };
        every_order(&events, 4, Repeats::Yes, case);
    }
}

/// A call to itself: caller and callee end at once.
#[test]
fn calls_to_itself_end_with_the_session() {
    for mode in MODES {
        for can in [Abilities::ALL, without_canceling()] {
            for states in 0..8_u32 {
                let mut both = Both::new(false, 10);
                both.step(0, &Operation::Join(Format::Cbor, can));
                both.step(CALLER, &register(None));
                both.step(CALLER, &Operation::Call(calling(false)));
                let progress = Operation::Yield {
                    invocation: 1,
                    progress: true,
                };
                let steps = [
                    progress,
                    Operation::Cancel(2, mode),
                    Operation::Unregister(1),
                ];
                let steps = steps.iter().enumerate();
                for (_, step) in steps.filter(|(bit, _)| states & (1 << bit) != 0) {
                    both.step(CALLER, step);
                }
                both.end();
            }
        }
    }
}

/// Whether the same may happen again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeats {
    Yes,
    No,
}

fn case(can: Abilities) -> Case {
    Case {
        mode: CancelMode::Skip,
        can,
        progressive: false,
        shared: false,
    }
}

fn every_order(events: &[Event], len: usize, repeats: Repeats, case: Case) {
    for mode in MODES {
        let case = Case { mode, ..case };
        let tried = extend(&mut Vec::new(), events, len, repeats, case);
        assert!(tried > 1000, "only {tried} orders");
    }
}

/// Tries all orders of `len` events that begin so; how many there are. Shorter ones are what they begin with.
fn extend(
    order: &mut Vec<Event>,
    events: &[Event],
    len: usize,
    repeats: Repeats,
    case: Case,
) -> usize {
    if order.len() == len {
        try_order(order, case);
        return 1;
    }
    let mut tried = 0;
    for &event in events {
        let is_new = repeats == Repeats::Yes || !order.contains(&event);
        if is_new && is_possible(order, event) {
            order.push(event);
            tried += extend(order, events, len, repeats, case);
            order.pop();
        }
    }
    tried
}

/// Whoever is gone does nothing any more, and nobody asks the other callee in vain.
fn is_possible(before: &[Event], event: Event) -> bool {
    let is_gone = |session| before.contains(&Event::Leave(session));
    let is_invoked = |session| session != OTHER || before.contains(&Event::Decline(CALLEE));
    match event {
        Event::Cancel => !is_gone(CALLER),
        Event::Continue(_) => !is_gone(CALLER) && !before.contains(&Event::Continue(false)),
        Event::Progress | Event::Error => !is_gone(CALLEE),
        Event::Unregister => !is_gone(CALLEE) && !before.contains(&event),
        Event::Final(session) | Event::Decline(session) => !is_gone(session) && is_invoked(session),
        Event::Leave(session) => !is_gone(session),
        Event::Timeout => true,
    }
}

fn try_order(order: &[Event], case: Case) {
    let mut both = Both::new(false, 10);
    both.step(0, &Operation::Join(Format::Json, Abilities::ALL));
    both.step(0, &Operation::Join(Format::MsgPack, case.can));
    if case.shared {
        both.step(0, &Operation::Join(Format::Cbor, case.can));
    }
    let invoke = case.shared.then_some(Invoke::First);
    both.step(CALLEE, &register(invoke));
    if case.shared {
        both.step(OTHER, &register(invoke));
    }
    let mut answers = Answers::default();
    let call = Operation::Call(calling(case.progressive));
    answers.hear(both.step(CALLER, &call).remove(&CALLER));
    for event in order {
        let Some((session, operation)) = operation(*event, case, &both) else {
            continue;
        };
        answers.hear(both.step(session, &operation).remove(&CALLER));
    }
    // Those who are still there leave, the caller last: it has got its answer by then.
    for callee in [OTHER, CALLEE] {
        if both.model.find_session(callee).is_some() {
            answers.hear(both.step(callee, &Operation::Leave).remove(&CALLER));
        }
    }
    if both.model.find_session(CALLER).is_some() {
        assert_eq!(answers.last, 1, "{case:?} {order:?}");
        assert_eq!(both.real.peer(CALLER).links().made(), 0);
    }
    assert!(answers.last <= 1 && !answers.after, "{case:?} {order:?}");
    both.end();
}

fn operation(event: Event, case: Case, both: &Both) -> Option<(u64, Operation)> {
    let invocation = 1;
    Some(match event {
        Event::Cancel => (CALLER, Operation::Cancel(CALL, case.mode)),
        Event::Continue(more) => {
            let (request, uri) = (CALL, URI);
            (CALLER, Operation::Continue { request, uri, more })
        }
        Event::Progress => {
            let progress = true;
            let operation = Operation::Yield {
                invocation,
                progress,
            };
            (CALLEE, operation)
        }
        Event::Final(session) => {
            let progress = false;
            let operation = Operation::Yield {
                invocation,
                progress,
            };
            (is_invoked(both, session)?, operation)
        }
        Event::Error => {
            let declines = false;
            let operation = Operation::Error {
                invocation,
                declines,
            };
            (CALLEE, operation)
        }
        Event::Decline(session) => {
            let declines = true;
            let operation = Operation::Error {
                invocation,
                declines,
            };
            (is_invoked(both, session)?, operation)
        }
        Event::Timeout => (0, Operation::Pass(1000)),
        Event::Leave(session) => (session, Operation::Leave),
        Event::Unregister => (CALLEE, Operation::Unregister(1)),
    })
}

/// Or it would violate the protocol, which is a different matter.
fn is_invoked(both: &Both, session: u64) -> Option<u64> {
    let found = both.model.find_session(session)?;
    (found.last_invocation > 0).then_some(session)
}

/// What the caller hears of its call.
#[derive(Default)]
struct Answers {
    last: usize,
    /// Whether anything came after the last one.
    after: bool,
}

impl Answers {
    fn hear(&mut self, said: Option<Vec<Said>>) {
        for it in said.into_iter().flatten() {
            self.after |= self.last > 0;
            self.last += usize::from(it.ends(CALL));
        }
    }
}

fn register(invoke: Option<Invoke>) -> Operation {
    Operation::Register(Registering::exact(URI, invoke))
}

fn calling(progress: bool) -> Calling {
    Calling {
        timeout: Some(1000),
        receive_progress: true,
        progress,
        ..Calling::plain(URI)
    }
}

fn without_canceling() -> Abilities {
    Abilities {
        canceling: false,
        ..Abilities::ALL
    }
}
