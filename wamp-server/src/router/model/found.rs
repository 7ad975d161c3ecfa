//! What the comparison has found, each mistake by itself.

use wamp_proto::codec::Format;
use wamp_proto::message::{Invoke, RequestType};
use wamp_proto::uri;

use super::both::Both;
use super::fake::Abilities;
use super::operation::{Calling, Operation, Registering};
use super::said::Said;

const CALLER: u64 = 1;
const FIRST: u64 = 2;
const SECOND: u64 = 3;
const URI: &str = "com.a";

/// A caller, and two callees of which the first one looks after timeouts itself.
fn two_callees() -> Both {
    let mut both = Both::new(false, 10);
    for _ in [CALLER, FIRST, SECOND] {
        both.step(0, &Operation::Join(Format::Cbor, Abilities::ALL));
    }
    for callee in [FIRST, SECOND] {
        let registering = Registering {
            forward_timeout: callee == FIRST,
            ..Registering::exact(URI, Some(Invoke::First))
        };
        both.step(callee, &Operation::Register(registering));
    }
    both
}

/// The next callee of a call need not look after its time as the first one would have.
#[test]
fn a_timeout_outlives_the_callee_that_looked_after_it() {
    let mut both = two_callees();
    let calling = Calling {
        timeout: Some(100),
        ..Calling::plain(URI)
    };
    both.step(CALLER, &Operation::Call(calling));
    let declines = Operation::Error {
        invocation: 1,
        declines: true,
    };
    both.step(FIRST, &declines);
    let said = both.step(0, &Operation::Pass(100));
    let timeout = Said::failed(RequestType::Call, 1, uri::TIMEOUT, None);
    assert_eq!(said[&CALLER], [timeout]);
    both.end();
}
