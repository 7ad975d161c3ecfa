//! Thousands of calls whose answers come in any order, late, twice, or as errors: everybody gets their own.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use wamp_client::CallError;

use crate::support::{open_with, spawn};

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Result,
    Error,
    /// Answered twice.
    Twice,
    /// Answered when nobody waits for it any more.
    Late,
    /// Nobody waits for it any more, and nobody says anything.
    Never,
    /// Some progress that nobody wants comes first.
    Progress,
}

fn fates(calls: usize) -> impl Strategy<Value = Vec<(Fate, u32)>> {
    let fate = prop_oneof![
        8 => Just(Fate::Result),
        2 => Just(Fate::Error),
        1 => Just(Fate::Twice),
        1 => Just(Fate::Late),
        1 => Just(Fate::Never),
        1 => Just(Fate::Progress),
    ];
    // With the place in the order of answers.
    prop::collection::vec((fate, any::<u32>()), calls..=calls)
}

async fn play(fates: Vec<(Fate, u32)>) {
    let patience = Duration::from_secs(5);
    let (client, _router, mut peer) = open_with(|it| it.call_timeout(patience)).await;
    let calls: Vec<_> = (0..fates.len())
        .map(|n| spawn(client.call("x").arg(n).get::<usize>()))
        .collect();
    let mut requests = HashMap::new();
    for _ in 0..fates.len() {
        let parts = peer.expect(r#"[48,"*",{},"x",["*"]]"#).await;
        let n = usize::try_from(parts[1].as_u64().unwrap()).unwrap();
        requests.insert(n, parts[0].as_u64().unwrap());
    }
    let mut order: Vec<usize> = (0..fates.len()).collect();
    order.sort_by_key(|n| fates[*n].1);
    for &n in &order {
        let request = requests[&n];
        let result = format!("[50,{request},{{}},[{n}]]");
        match fates[n].0 {
            Fate::Result => peer.send(result),
            Fate::Error => peer.send(format!(r#"[8,48,{request},{{}},"e{n}"]"#)),
            Fate::Twice => peer.send_all([result, format!(r#"[8,48,{request},{{}},"again"]"#)]),
            Fate::Progress => {
                peer.send_all([format!(r#"[50,{request},{{"progress":true}},[0]]"#), result]);
            }
            Fate::Late | Fate::Never => {}
        }
    }
    for (n, call) in calls.into_iter().enumerate() {
        let answer = call.await.unwrap();
        match (fates[n].0, answer) {
            (Fate::Result | Fate::Twice | Fate::Progress, Ok(it)) if it == n => {}
            (Fate::Error, Err(error)) if error.uri() == Some(&format!("e{n}")) => {}
            (Fate::Late | Fate::Never, Err(CallError::Timeout(_))) => {}
            (fate, answer) => panic!("{n}: {fate:?} became {answer:?}"),
        }
    }
    let canceled = fates
        .iter()
        .filter(|(fate, _)| matches!(fate, Fate::Late | Fate::Never))
        .count();
    for _ in 0..canceled {
        peer.expect(r#"[49,"*",{"mode":"killnowait"}]"#).await;
    }
    for (n, _) in fates
        .iter()
        .enumerate()
        .filter(|(_, (fate, _))| *fate == Fate::Late)
    {
        peer.send(format!("[50,{},{{}},[0]]", requests[&n]));
    }
    // The session is none the worse for it.
    let call = spawn(client.call("last").get::<i32>());
    peer.expect(&format!(r#"[48,{},{{}},"last"]"#, fates.len() + 1))
        .await;
    peer.send(format!("[50,{},{{}},[1]]", fates.len() + 1));
    assert_eq!(call.await.unwrap().unwrap(), 1);
}

fn run(fates: Vec<(Fate, u32)>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(play(fates));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    #[test]
    fn everybody_gets_their_own_answer(fates in fates(100)) {
        run(fates);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn ten_thousand_calls_at_once(fates in fates(10_000)) {
        run(fates);
    }
}
