//! Many sessions at once, each driven by a thread of its own as by its connection: every call is answered exactly once, nothing is left.
//!
//! There is no sleep: a thread does so many operations, then answers what it still owes, and a test that hangs fails by its bound.

use std::collections::HashMap;
use std::sync::{Arc, Barrier, mpsc};
use std::time::{Duration, SystemTime};

use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::codec::Format;
use wamp_proto::message::details::{CallOptions, ErrorDetails, RegisterOptions, YieldOptions};
use wamp_proto::message::{self, CancelMode, Invoke, Register, RequestType, Yield};
use wamp_proto::uri;

use super::super::dealer::Dealer;
use super::super::peer::Peer;
use super::super::registration::Registration;
use super::super::routing::{Continued, Part, Request};
use super::dice::Dice;
use super::fake::{Abilities, Fake};
use super::id;
use super::real::{entropy, fail, payload, seed};
use super::reference_calls::FAILURE;
use super::said::Said;

const THREADS: u64 = 4;
const ROUNDS: u64 = 20;
const OPERATIONS: u64 = 600;
/// Nothing that works comes near.
const BOUND: Duration = Duration::from_secs(120);

const SHARED: &str = "com.shared";
const TIMEOUT: Duration = Duration::from_millis(50);

#[test]
fn every_call_of_many_threads_is_answered_once() {
    let (done, waiting) = mpsc::channel();
    let main = std::thread::spawn(move || {
        for round in 0..ROUNDS {
            play(round);
        }
        let _ = done.send(());
    });
    match waiting.recv_timeout(BOUND) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("the threads wait for each other"),
        // Disconnected: it has panicked.
        _ => main.join().expect("what a thread has asserted"),
    }
}

fn play(round: u64) {
    let dealer = Dealer::new(false, 16, None, entropy);
    let barrier = Barrier::new(usize::try_from(THREADS).unwrap());
    let start = Instant::now();
    let fakes = std::thread::scope(|scope| {
        let threads = (0..THREADS).map(|thread| {
            let (dealer, barrier) = (&dealer, &barrier);
            scope.spawn(move || {
                let dice = Dice::new(round * THREADS + thread);
                seed(round * THREADS + thread);
                let mut driver = Driver::new(dealer, thread, dice, start);
                for _ in 0..OPERATIONS {
                    driver.act();
                }
                // Nobody calls any more, and nobody declines.
                barrier.wait();
                driver.answer_all();
                barrier.wait();
                driver.listen();
                driver.assert_answered();
                // Nobody leaves before everybody has looked.
                barrier.wait();
                driver.leave()
            })
        });
        let threads = threads.collect::<Vec<_>>();
        let fakes = threads.into_iter().map(|it| it.join().expect("no panic"));
        fakes.collect::<Vec<_>>()
    });
    assert!(dealer.registrations().is_empty());
    for fake in fakes {
        assert_eq!((fake.links().made(), fake.links().invoked()), (0, 0));
        assert_eq!(Arc::strong_count(&fake), 1, "something keeps a session");
    }
}

/// One session after the other: caller and callee at once.
struct Driver<'a> {
    dealer: &'a Dealer,
    thread: u64,
    sessions: u64,
    dice: Dice,
    start: Instant,
    clock: u64,
    fake: Arc<Fake>,
    registrations: Vec<Arc<Registration>>,
    /// The calls of the session, each with whether it has been answered.
    calls: HashMap<u64, bool>,
    last_request: u64,
    /// Invocations that are not answered.
    owed: Vec<u64>,
}

impl<'a> Driver<'a> {
    fn new(dealer: &'a Dealer, thread: u64, dice: Dice, start: Instant) -> Self {
        let fake = Arc::new(Fake::new(thread + 1, Format::Cbor, Abilities::ALL));
        let mut driver = Self {
            dealer,
            thread,
            sessions: 1,
            dice,
            start,
            clock: 0,
            fake,
            registrations: Vec::new(),
            calls: HashMap::new(),
            last_request: 0,
            owed: Vec::new(),
        };
        driver.register();
        driver
    }

    fn act(&mut self) {
        self.listen();
        self.clock += 1;
        match self.dice.below(100) {
            0..35 => self.call(),
            35..75 => self.answer(),
            75..83 => self.cancel(),
            83..88 => self.proceed(),
            88..96 => self.expire(),
            96..99 => self.register_again(),
            _ => {
                self.leave();
                self.register();
            }
        }
    }

    /// What the session has been told.
    fn listen(&mut self) {
        for said in self.fake.said() {
            match said {
                Said::Invocation { id, .. } => {
                    if !self.owed.contains(&id) {
                        self.owed.push(id);
                    }
                }
                Said::Interrupt {
                    id, kill: false, ..
                } => self.owed.retain(|it| *it != id),
                Said::Result {
                    request,
                    progress: true,
                    ..
                } => assert!(!self.calls[&request], "progress after the answer"),
                Said::Result { request, .. } => self.answered(request),
                Said::Failed { of, request, .. } if of == RequestType::Call.code() => {
                    self.answered(request);
                }
                Said::Interrupt { .. } | Said::Registered { .. } | Said::Failed { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn answered(&mut self, request: u64) {
        let was = self.calls.insert(request, true);
        assert_eq!(was, Some(false), "call {request} is answered again");
    }

    fn peer(&self) -> Arc<dyn Peer> {
        Arc::clone(&self.fake) as Arc<dyn Peer>
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.clock)
    }

    fn call(&mut self) {
        self.last_request += 1;
        let request = self.last_request;
        let own = format!("com.own.{}", self.dice.below(4));
        let uri = match self.dice.chance(60) {
            true => ByteString::from_static(SHARED),
            false => ByteString::from(own),
        };
        self.calls.insert(request, false);
        let options = CallOptions {
            receive_progress: self.dice.chance(50),
            progress: self.dice.chance(20),
            ..CallOptions::default()
        };
        let timeout = self.dice.chance(50).then_some(TIMEOUT);
        let asked = Request {
            id: id(request),
            options,
            procedure: uri.clone(),
            payload: payload(self.fake.format(), request),
            disclosed: false,
            disclosable: false,
            trust_level: None,
            timeout,
        };
        let placed = self.dealer.resolve(&uri).map(|registration| {
            let deadline = timeout.map(|it| self.now() + it);
            self.dealer
                .call(&self.peer(), &registration, &asked, deadline)
        });
        if !matches!(placed, Some(Ok(()))) {
            fail(
                &self.fake,
                RequestType::Call,
                request,
                uri::NO_AVAILABLE_CALLEE,
            );
        }
    }

    /// Another message of a progressive call, whichever that is.
    fn proceed(&mut self) {
        let request = 1 + self.dice.next() % (self.last_request + 1);
        let more = self.dice.chance(50);
        let uri = ByteString::from_static(SHARED);
        if self.fake.links().has_call(id(request)) {
            let payload = payload(self.fake.format(), request);
            let part = Part {
                request: id(request),
                procedure: &uri,
                more,
                options: &CallOptions::default(),
                payload: &payload,
            };
            let continued = self.dealer.continue_call(&*self.peer(), part);
            if let Continued::Failed(_) = continued {
                // The callee has just left.
                fail(
                    &self.fake,
                    RequestType::Call,
                    request,
                    uri::NO_AVAILABLE_CALLEE,
                );
            }
        }
    }

    fn answer(&mut self) {
        let Some(invocation) = self.dice.maybe(&self.owed) else {
            return;
        };
        match self.dice.below(10) {
            0..3 => self.say(invocation, true),
            3..7 => self.say(invocation, false),
            it => self.fail(invocation, it > 7),
        }
    }

    fn say(&mut self, invocation: u64, progress: bool) {
        if !progress {
            self.owed.retain(|it| *it != invocation);
        }
        let answer = Yield {
            request: id(invocation),
            options: YieldOptions {
                progress,
                ..YieldOptions::default()
            },
            payload: payload(self.fake.format(), invocation),
        };
        let done = self.dealer.on_yield(&*self.fake, answer, self.now());
        done.expect("it was asked");
    }

    fn fail(&mut self, invocation: u64, declines: bool) {
        self.owed.retain(|it| *it != invocation);
        let error = if declines { uri::UNAVAILABLE } else { FAILURE };
        let error = message::Error {
            request_type: RequestType::Invocation,
            request: id(invocation),
            details: ErrorDetails::default(),
            error: ByteString::from_static(error),
            payload: payload(self.fake.format(), invocation),
        };
        let done = self.dealer.on_error(&*self.fake, error);
        done.expect("it was asked");
    }

    fn cancel(&mut self) {
        let request = 1 + self.dice.next() % (self.last_request + 1);
        let mode = self
            .dice
            .pick(&[CancelMode::Skip, CancelMode::Kill, CancelMode::KillNoWait]);
        if self.dealer.cancel(&*self.fake, id(request), mode) {
            fail(&self.fake, RequestType::Call, request, uri::CANCELED);
        }
    }

    fn expire(&mut self) {
        for request in self.dealer.expire(&*self.fake, self.now()) {
            fail(&self.fake, RequestType::Call, request.get(), uri::TIMEOUT);
        }
    }

    fn register(&mut self) {
        let own = format!("com.own.{}", self.thread);
        for (uri, invoke) in [(SHARED, Invoke::RoundRobin), (&*own, Invoke::Single)] {
            let register = Register {
                request: id(1),
                options: RegisterOptions {
                    invoke: Some(invoke),
                    concurrency: Some(8),
                    ..RegisterOptions::default()
                },
                procedure: ByteString::from(uri),
            };
            let at = SystemTime::UNIX_EPOCH;
            let registered = self.dealer.register(&self.peer(), &register, at, None);
            self.registrations.extend(registered.ok());
        }
    }

    fn register_again(&mut self) {
        self.unregister();
        self.register();
    }

    fn unregister(&mut self) {
        for registration in self.registrations.drain(..) {
            let withdrawn = self.dealer.unregister(&registration, self.fake.id(), None);
            assert!(withdrawn);
        }
    }

    /// Leaves, and joins again as another session; the one that has left.
    fn leave(&mut self) -> Arc<Fake> {
        self.listen();
        self.fake.close();
        self.dealer.leave(&*self.fake);
        self.unregister();
        self.calls.clear();
        self.owed.clear();
        self.last_request = 0;
        self.sessions += 1;
        let next = self.sessions * THREADS + self.thread + 1;
        let next = Arc::new(Fake::new(next, Format::Cbor, Abilities::ALL));
        std::mem::replace(&mut self.fake, next)
    }

    fn answer_all(&mut self) {
        self.listen();
        while let Some(&invocation) = self.owed.first() {
            self.say(invocation, false);
        }
    }

    fn assert_answered(&self) {
        let open = self.calls.iter().filter(|(_, answered)| !**answered);
        assert_eq!(open.count(), 0, "calls without an answer");
        assert_eq!(self.fake.links().made(), 0);
        assert_eq!(self.fake.links().invoked(), 0);
    }
}
