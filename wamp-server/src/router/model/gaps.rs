//! What happens to a call while it goes from a callee that declines to the next one: there is no gap that it could fall into.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::details::{CallOptions, ErrorDetails, RegisterOptions};
use wamp_proto::message::{self, CancelMode, Invoke, Overflow, Register, RequestType, Roles};
use wamp_proto::uri;

use super::super::dealer::Dealer;
use super::super::links::Links;
use super::super::peer::Peer;
use super::super::routing::Request;
use super::fake::{Abilities, Fake};
use super::id;
use super::real::{entropy, fail, payload};
use super::said::Said;

const URI: &str = "com.a";
const CALL: u64 = 1;
const TIMEOUT: Duration = Duration::from_secs(1);

type Happening = Box<dyn FnOnce(&Meddler) + Send>;

/// A callee that makes something else happen when the dealer looks at what it can do.
struct Meddler {
    fake: Fake,
    meanwhile: Mutex<Option<Happening>>,
}

impl Peer for Meddler {
    fn id(&self) -> Id {
        self.fake.id()
    }

    fn format(&self) -> Format {
        self.fake.format()
    }

    fn authid(&self) -> &str {
        self.fake.authid()
    }

    fn authrole(&self) -> &str {
        self.fake.authrole()
    }

    fn roles(&self) -> &Roles {
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(happen) = meanwhile {
            happen(self);
        }
        self.fake.roles()
    }

    fn max_message(&self) -> usize {
        self.fake.max_message()
    }

    fn push(&self, frame: Bytes) -> bool {
        self.fake.push(frame)
    }

    fn offer(&self, frame: Bytes) -> bool {
        self.fake.offer(frame)
    }

    fn push_lossy(
        &self,
        subscription: Id,
        keep: Overflow,
        encode: &dyn Fn(u64) -> Option<Bytes>,
    ) -> bool {
        self.fake.push_lossy(subscription, keep, encode)
    }

    fn forget_lossy(&self, subscription: Id) {
        self.fake.forget_lossy(subscription);
    }

    fn remind(&self) {}

    fn links(&self) -> &Links {
        self.fake.links()
    }
}

/// A caller, a callee that declines, and another one; what they are told if `happen` happens in between.
fn declined(
    can: Abilities,
    happen: impl FnOnce(&Dealer, &Arc<Fake>, &Meddler, Instant) + Send + 'static,
) -> (Vec<Said>, Vec<Said>) {
    let dealer = Arc::new(Dealer::new(false, 10, None, entropy));
    let caller = Arc::new(Fake::new(1, Format::Cbor, Abilities::ALL));
    let first = Arc::new(Fake::new(2, Format::Cbor, Abilities::ALL));
    let second = Arc::new(Meddler {
        fake: Fake::new(3, Format::Cbor, can),
        meanwhile: Mutex::default(),
    });
    let peers: [Arc<dyn Peer>; 2] = [first.clone(), second.clone()];
    for peer in &peers {
        let register = Register {
            request: id(1),
            options: RegisterOptions {
                invoke: Some(Invoke::First),
                ..RegisterOptions::default()
            },
            procedure: ByteString::from_static(URI),
        };
        let at = SystemTime::UNIX_EPOCH;
        let registered = dealer.register(peer, &register, at, None);
        assert!(registered.is_ok());
    }
    let now = Instant::now();
    let request = Request {
        id: id(CALL),
        options: CallOptions::default(),
        procedure: ByteString::from_static(URI),
        payload: payload(Format::Cbor, 7),
        disclosed: false,
        disclosable: false,
        trust_level: None,
        timeout: Some(TIMEOUT),
    };
    let registration = dealer.resolve(URI).unwrap();
    let peer = Arc::clone(&caller) as Arc<dyn Peer>;
    let placed = dealer.call(&peer, &registration, &request, Some(now + TIMEOUT));
    assert!(placed.is_ok());
    second.fake.frames();

    *second.meanwhile.lock().unwrap() = Some(Box::new({
        let (dealer, caller) = (Arc::clone(&dealer), Arc::clone(&caller));
        move |second: &Meddler| {
            assert_eq!(caller.links().made(), 1, "the session seems to be idle");
            happen(&dealer, &caller, second, now);
        }
    }));
    let declines = message::Error {
        request_type: RequestType::Invocation,
        request: id(1),
        details: ErrorDetails::default(),
        error: ByteString::from_static(uri::UNAVAILABLE),
        payload: payload(Format::Cbor, 8),
    };
    dealer.on_error(&*first, declines).expect("it was asked");
    let heard = (caller.said(), second.fake.said());
    assert_eq!(caller.links().made(), 0);
    // One that cannot be told that nobody waits goes on.
    assert_eq!(second.links().invoked(), usize::from(!can.canceling));
    dealer.leave(&*second);
    assert!(caller.frames().is_empty(), "it is answered once");
    assert_eq!(second.links().invoked(), 0);
    heard
}

/// The next callee was asked; it learns that this was in vain, if it can.
fn assert_asked_in_vain(said: &[Said], can: Abilities) {
    let is_asked = matches!(said.first(), Some(Said::Invocation { id: 1, .. }));
    let interrupted = Said::Interrupt {
        id: 1,
        kill: false,
        reason: None,
    };
    let told = said.get(1..).expect("it was asked");
    let expected = can.canceling.then_some(interrupted);
    assert!(is_asked, "{said:?}");
    assert_eq!(told, expected.as_slice());
}

fn abilities() -> [Abilities; 2] {
    let deaf = Abilities {
        canceling: false,
        ..Abilities::ALL
    };
    [Abilities::ALL, deaf]
}

#[test]
fn it_can_be_canceled() {
    for can in abilities() {
        for mode in [CancelMode::Skip, CancelMode::Kill, CancelMode::KillNoWait] {
            let (caller, callee) = declined(can, move |dealer, caller, _, _| {
                if dealer.cancel(&**caller, id(CALL), mode) {
                    fail(caller, RequestType::Call, CALL, uri::CANCELED);
                }
            });
            let canceled = Said::failed(RequestType::Call, CALL, uri::CANCELED, None);
            assert_eq!(caller, [canceled], "{mode}");
            assert_asked_in_vain(&callee, can);
        }
    }
}

#[test]
fn its_time_can_be_up() {
    for can in abilities() {
        let (caller, callee) = declined(can, |dealer, caller, _, now| {
            assert_eq!(caller.links().next_deadline(), Some(now + TIMEOUT));
            for request in dealer.expire(&**caller, now + TIMEOUT) {
                fail(caller, RequestType::Call, request.get(), uri::TIMEOUT);
            }
        });
        let timeout = Said::failed(RequestType::Call, CALL, uri::TIMEOUT, None);
        assert_eq!(caller, [timeout]);
        assert_asked_in_vain(&callee, can);
    }
}

#[test]
fn its_caller_can_leave() {
    for can in abilities() {
        let (caller, callee) = declined(can, |dealer, caller, _, _| {
            caller.close();
            dealer.leave(&**caller);
        });
        assert_eq!(caller, []);
        assert_asked_in_vain(&callee, can);
    }
}

#[test]
fn its_next_callee_can_leave() {
    let (caller, callee) = declined(Abilities::ALL, |dealer, _, second, _| {
        dealer.leave(second);
    });
    let nobody = Said::failed(RequestType::Call, CALL, uri::NO_AVAILABLE_CALLEE, None);
    assert_eq!(caller, [nobody]);
    assert_eq!(callee, []);
}

#[test]
fn its_next_callee_can_withdraw_the_procedure() {
    let (caller, callee) = declined(Abilities::ALL, |dealer, _, second, _| {
        let registration = dealer.resolve(URI).unwrap();
        assert!(dealer.unregister(&registration, second.id(), None));
    });
    let nobody = Said::failed(RequestType::Call, CALL, uri::NO_AVAILABLE_CALLEE, None);
    assert_eq!(caller, [nobody]);
    assert_eq!(callee, []);
}
