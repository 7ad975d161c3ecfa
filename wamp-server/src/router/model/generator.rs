//! Random operations: mostly such that fit what is there, some that are late, wrong or against the rules.

use wamp_proto::codec::Format;
use wamp_proto::message::{CancelMode, Invoke};
use wamp_uri::Match;

use super::KEYS;
use super::dice::Dice;
use super::fake::Abilities;
use super::operation::{Calling, Operation, Registering, Subscribing};
use super::reference::Reference;
use super::reference_calls::Call;

const URIS: &[&str] = &[
    "com.a",
    "com.a",
    "com.a.b",
    "com.a.b.c",
    "com.ab",
    "org.a.b",
];

const PATTERNS: &[(&str, Match)] = &[
    ("", Match::Prefix),
    ("com", Match::Prefix),
    ("com.a", Match::Prefix),
    ("com.a.", Match::Prefix),
    ("com..b", Match::Wildcard),
    (".a.b", Match::Wildcard),
    ("com.a.", Match::Wildcard),
    ("com.", Match::Wildcard),
    ("..", Match::Wildcard),
    ("", Match::Wildcard),
];

/// What the router tells of itself.
const NEWS: &[(&str, Match)] = &[
    ("wamp.registration.on_create", Match::Exact),
    ("wamp.registration.on_register", Match::Exact),
    ("wamp.registration.on_unregister", Match::Exact),
    ("wamp.registration.on_delete", Match::Exact),
    ("wamp.subscription.on_create", Match::Exact),
    ("wamp.subscription.on_subscribe", Match::Exact),
    ("wamp.subscription.on_unsubscribe", Match::Exact),
    ("wamp.subscription.on_delete", Match::Exact),
    ("wamp.", Match::Prefix),
    ("wamp.registration.", Match::Prefix),
    ("wamp..on_create", Match::Wildcard),
    ("wamp.subscription.", Match::Wildcard),
];

/// How programs differ as wholes.
pub(super) struct Taste {
    /// Whether some procedures leave it to chance who is called.
    pub(super) has_chance: bool,
    pub(super) sessions: usize,
}

/// What happens next, and at which session.
pub(super) fn next(dice: &mut Dice, taste: &Taste, model: &Reference) -> (u64, Operation) {
    let there = model.sessions.len();
    if there == 0 || there < taste.sessions && dice.chance(15) {
        return (0, join(dice));
    }
    let session = model.sessions[dice.below(there)].id;
    match dice.below(1000) {
        0..70 => (session, register(dice, taste)),
        70..100 => unregister(dice, model, session),
        100..330 => (session, call(dice)),
        330..400 => continue_call(dice, model, session),
        400..600 => answer(dice, model, session),
        600..680 => cancel(dice, model, session),
        680..730 => (session, Operation::Pass(dice.next() % 40)),
        730..800 => (session, subscribe(dice)),
        800..840 => unsubscribe(dice, model, session),
        840..980 => (session, publish(dice, model)),
        980..995 => (session, Operation::Leave),
        _ => (session, Operation::Drain),
    }
}

pub(super) fn join(dice: &mut Dice) -> Operation {
    let format = dice.pick(&[Format::Json, Format::MsgPack, Format::Cbor]);
    let mut can = || dice.chance(75);
    let abilities = Abilities {
        canceling: can(),
        progress: can(),
        progressive_calls: can(),
        timeouts: can(),
        rerouting: can(),
        revocation: can(),
    };
    Operation::Join(format, abilities)
}

fn register(dice: &mut Dice, taste: &Taste) -> Operation {
    // One of them has many callees.
    let (uri, matching) = match dice.chance(30) {
        true => ("com.a", Match::Exact),
        false => topic(dice, 40),
    };
    let shared = if taste.has_chance {
        &[Invoke::Random, Invoke::RoundRobin, Invoke::Last][..]
    } else {
        &[Invoke::RoundRobin, Invoke::First, Invoke::Last][..]
    };
    // Of one procedure mostly the same, or hardly any would be shared.
    let usual = shared[(uri.len() + 1) % shared.len()];
    let invoke = match dice.below(10) {
        0 => None,
        1 => Some(Invoke::Single),
        2 => Some(dice.pick(shared)),
        _ => Some(usual),
    };
    Operation::Register(Registering {
        uri,
        matching,
        invoke,
        concurrency: dice.chance(30).then(|| dice.next() % 3),
        force: dice.chance(8),
        disclose_caller: dice.chance(30),
        forward_timeout: dice.chance(30),
    })
}

fn unregister(dice: &mut Dice, model: &Reference, anybody: u64) -> (u64, Operation) {
    let offers = model.registrations.iter();
    let offers = offers.flat_map(|it| it.members.iter().map(|member| (member.session, it.id)));
    let wild = (anybody, 1 + dice.next() % 20);
    let chosen = dice.maybe(&offers.collect::<Vec<_>>());
    let (session, registration) = chosen.filter(|_| dice.chance(85)).unwrap_or(wild);
    let operation = match dice.chance(25) {
        true => Operation::RemoveCallee(registration),
        false => Operation::Unregister(registration),
    };
    (session, operation)
}

fn call(dice: &mut Dice) -> Operation {
    let uri = match dice.below(50) {
        0 => "wamp.session.count",
        1 => "net",
        _ => dice.pick(URIS),
    };
    Operation::Call(Calling {
        uri,
        timeout: dice.chance(30).then(|| 1 + dice.next() % 100),
        receive_progress: dice.chance(50),
        progress: dice.chance(25),
        disclosed: dice.chance(20),
        disclosable: dice.chance(50),
        key: dice.chance(20).then(|| dice.next() % KEYS),
    })
}

fn continue_call(dice: &mut Dice, model: &Reference, anybody: u64) -> (u64, Operation) {
    let more = dice.chance(70);
    let open = calls(model, |it| it.waits && it.more);
    if let Some(call) = dice.maybe(&open).filter(|_| dice.chance(75)) {
        let uri = match dice.chance(1) {
            true => "com.something.else",
            false => call.calling.uri,
        };
        let request = call.request;
        return (call.caller, Operation::Continue { request, uri, more });
    }
    let sessions = model.sessions.iter();
    let late = sessions.flat_map(|it| it.cut_short.iter().map(|request| (it.id, *request)));
    if let Some((session, request)) = dice.maybe(&late.collect::<Vec<_>>()) {
        let uri = "com.a";
        return (session, Operation::Continue { request, uri, more });
    }
    let closed = calls(model, |it| it.waits && !it.more);
    match dice.maybe(&closed).filter(|_| dice.chance(3)) {
        Some(call) => {
            let (request, uri) = (call.request, call.calling.uri);
            (call.caller, Operation::Continue { request, uri, more })
        }
        None => (anybody, call_something(dice)),
    }
}

fn call_something(dice: &mut Dice) -> Operation {
    Operation::Call(Calling {
        receive_progress: true,
        progress: true,
        ..Calling::plain(dice.pick(URIS))
    })
}

/// YIELD or ERROR.
fn answer(dice: &mut Dice, model: &Reference, anybody: u64) -> (u64, Operation) {
    let open = calls(model, |it| it.owes);
    let last = model
        .find_session(anybody)
        .map_or(0, |it| it.last_invocation);
    let chosen = dice.maybe(&open).filter(|_| dice.chance(85));
    let (session, invocation) = match chosen {
        Some(call) => (call.callee.session, call.invocation),
        // Late, of another session, or before it was asked.
        None if last > 0 && dice.chance(97) => (anybody, 1 + dice.next() % last),
        None if dice.chance(10) => (anybody, last + 1 + dice.next() % 3),
        None => return (anybody, call(dice)),
    };
    // Rarely where nobody has asked for it.
    let is_wanted = chosen.is_none_or(|it| it.receive_progress) || dice.chance(10);
    let operation = match dice.below(10) {
        0..4 if is_wanted => Operation::Yield {
            invocation,
            progress: true,
        },
        0..7 => Operation::Yield {
            invocation,
            progress: false,
        },
        it => Operation::Error {
            invocation,
            declines: it != 7,
        },
    };
    (session, operation)
}

fn cancel(dice: &mut Dice, model: &Reference, anybody: u64) -> (u64, Operation) {
    let mode = dice.pick(&[CancelMode::Skip, CancelMode::Kill, CancelMode::KillNoWait]);
    let open = calls(model, |it| it.waits);
    match dice.maybe(&open).filter(|_| dice.chance(85)) {
        Some(call) => (call.caller, Operation::Cancel(call.request, mode)),
        None => (anybody, Operation::Cancel(1 + dice.next() % 30, mode)),
    }
}

fn subscribe(dice: &mut Dice) -> Operation {
    let (topic, matching) = match dice.chance(30) {
        true => dice.pick(NEWS),
        false => topic(dice, 40),
    };
    Operation::Subscribe(Subscribing {
        topic,
        matching,
        key: dice.chance(40).then(|| dice.next() % KEYS),
        refused: dice.chance(10),
    })
}

fn unsubscribe(dice: &mut Dice, model: &Reference, anybody: u64) -> (u64, Operation) {
    let all = model.subscriptions.iter();
    let all = all.flat_map(|it| it.members.iter().map(|member| (member.session, it.id)));
    let wild = (anybody, 1 + dice.next() % 20);
    let chosen = dice.maybe(&all.collect::<Vec<_>>());
    let (session, subscription) = chosen.filter(|_| dice.chance(85)).unwrap_or(wild);
    let operation = match dice.chance(25) {
        true => Operation::RemoveSubscriber(subscription),
        false => Operation::Unsubscribe(subscription),
    };
    (session, operation)
}

fn publish(dice: &mut Dice, model: &Reference) -> Operation {
    let all = model.sessions.iter().map(|it| it.id);
    let excluded = all.filter(|_| dice.chance(15)).collect();
    Operation::Publish {
        topic: dice.pick(URIS),
        key: dice.chance(40).then(|| dice.next() % KEYS),
        exclude_me: dice.chance(70),
        excluded,
    }
}

/// A URI, or a pattern so often out of a hundred times.
fn topic(dice: &mut Dice, patterns: usize) -> (&'static str, Match) {
    match dice.chance(patterns) {
        true => dice.pick(PATTERNS),
        false => (dice.pick(URIS), Match::Exact),
    }
}

fn calls(model: &Reference, which: impl Fn(&Call) -> bool) -> Vec<&Call> {
    let calls = model.calls.iter().filter(|it| which(it));
    calls.collect()
}
