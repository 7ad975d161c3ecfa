//! Random programs of many calls at once: each is answered exactly once, whatever else happens.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use wamp_server::realm::Ordering;
use wamp_server::{
    App, CallError, CancellationToken, Input, Limits, Progress, State, procedure, procedures,
};

use crate::support::{Client, Events, blocking, build, json, nothing_is_left, settle};

#[procedure("now")]
async fn now() -> i64 {
    1
}

#[procedure("fails")]
async fn fails(event: String, events: State<'_, Events>) -> Result<(), CallError> {
    events.wait(&event).await;
    Err(CallError::new("my.error"))
}

#[procedure("panics")]
async fn panics(event: String, events: State<'_, Events>) {
    events.wait(&event).await;
    panic!("as it should")
}

#[procedure("reports", timeout = "20s")]
async fn reports(event: String, events: State<'_, Events>, progress: &Progress<u32>) -> u32 {
    progress.send(1).await;
    events.wait(&event).await;
    progress.send(2).await;
    3
}

#[procedure("told", concurrency = 2)]
async fn told(event: String, events: State<'_, Events>, token: CancellationToken) -> bool {
    token
        .run_until_cancelled(events.wait(&event))
        .await
        .is_none()
}

#[procedure("sums")]
async fn sums(mut numbers: Input<(String,)>) -> Result<usize, CallError> {
    let mut count = 0;
    while let Some(item) = numbers.next().await {
        item?;
        count += 1;
    }
    Ok(count)
}

const PROCEDURES: [&str; 7] = [
    "now", "fails", "panics", "reports", "told", "sums", "unknown",
];

#[derive(Clone, Debug)]
enum Step {
    /// Which procedure, whether it is told after how long, and whether more is announced.
    Call(usize, Option<u16>, bool),
    /// Another message of a call, maybe the last one.
    More(usize, bool),
    Cancel(usize, &'static str),
    Happen(usize),
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let mode = proptest::sample::select(vec!["skip", "kill", "killnowait"]);
    prop_oneof![
        5 => (0..PROCEDURES.len(), proptest::option::of(1..5000_u16), any::<bool>()).prop_map(|(p, t, m)| Step::Call(p, t, m)),
        3 => (0..12_usize, any::<bool>()).prop_map(|(call, more)| Step::More(call, more)),
        3 => (0..12_usize, mode).prop_map(|(call, mode)| Step::Cancel(call, mode)),
        3 => (0..12_usize).prop_map(Step::Happen),
        2 => (0..6000_u16).prop_map(Step::Wait),
    ]
}

/// What has been heard of a call.
#[derive(Debug, Default)]
struct Heard {
    finals: usize,
    /// Whether the caller has announced more.
    more: bool,
    procedure: &'static str,
}

fn note(calls: &mut HashMap<u64, Heard>, messages: Vec<Value>) {
    for message in messages {
        let request = if message[0] == 50 {
            &message[1]
        } else {
            &message[2]
        };
        let call = calls
            .get_mut(&request.as_u64().expect("an id"))
            .expect("a call that was made");
        assert_eq!(call.finals, 0, "{message} after the answer");
        call.finals += usize::from(message[0] == 8 || message[2]["progress"] != true);
    }
}

async fn run(steps: &[Step], ordering: Ordering) {
    let events = Events::default();
    let limits = Limits {
        max_pending_calls: 8,
        max_waiting_input: 3,
        ..Limits::default()
    };
    let app = App::empty().procedures(procedures![now, fails, panics, reports, told, sums]);
    let server = build(app.state(events.clone()).limits(limits).ordering(ordering));
    let mut client = Client::join(&server).await;
    let mut calls = HashMap::<u64, Heard>::new();
    let mut last = 0_u64;
    let which = |back: usize, last: u64| last.saturating_sub(back as u64);
    for step in steps {
        match *step {
            Step::Call(procedure, timeout, more) => {
                last += 1;
                let procedure = PROCEDURES[procedure];
                let options = json!({"receive_progress": true, "timeout": timeout.unwrap_or(0), "progress": more});
                client
                    .say(json!([48, last, options, procedure, [last.to_string()]]).to_string())
                    .await;
                calls.insert(
                    last,
                    Heard {
                        more,
                        procedure,
                        ..Heard::default()
                    },
                );
            }
            Step::More(back, more) => {
                let request = which(back, last);
                // Only what the caller has announced: anything else is a new call or a violation.
                if let Some(call) = calls.get_mut(&request).filter(|it| it.more) {
                    call.more = more;
                    let message = json!([48, request, {"progress": more}, call.procedure, ["x"]]);
                    client.say(message.to_string()).await;
                }
            }
            Step::Cancel(back, mode) if last > 0 => {
                let request = which(back, last).max(1);
                client
                    .say(json!([49, request, {"mode": mode}]).to_string())
                    .await;
            }
            Step::Cancel(..) => {}
            Step::Happen(back) => events.happen(which(back, last).to_string()),
            Step::Wait(millis) => tokio::time::sleep(Duration::from_millis(millis.into())).await,
        }
        note(&mut calls, client.rest().await);
    }
    for _ in 0..=calls.len() {
        tokio::time::sleep(Duration::from_secs(61)).await;
        note(&mut calls, client.rest().await);
    }
    for (request, call) in &calls {
        assert_eq!(call.finals, 1, "call {request}: {call:?}");
    }
    (1..=last).for_each(|it| events.happen(it.to_string()));
    settle().await;
    assert_eq!(client.rest().await, [Value::Null; 0]);
    client.vanish().await;
    nothing_is_left(&server);
    assert_eq!(server.stats().violations, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_call_of_a_random_program_is_answered_once(steps in vec(step(), 1..40)) {
        blocking(run(&steps, Ordering::Concurrent));
    }

    #[test]
    fn every_call_of_a_random_program_in_sequence_is_answered_once(steps in vec(step(), 1..40)) {
        blocking(run(&steps, Ordering::Sequential));
    }
}
