//! Several callees for one procedure.

use wamp_server::Server;

use super::support::*;

pub(super) const NOBODY: &str = "wamp.error.no_available_callee";

/// Sessions that share a procedure.
pub(super) struct Pool {
    pub(super) callees: Vec<Client>,
    pub(super) caller: Client,
    requests: u64,
    id: u64,
}

impl Pool {
    pub(super) async fn new(server: &Server, size: usize, options: serde_json::Value) -> Self {
        let mut callees = Vec::new();
        let mut id = 0;
        for _ in 0..size {
            let mut callee = join(server).await;
            let registered = register(&mut callee, 1, options.clone(), "p").await;
            assert!(id == 0 || id == registered, "all have the same id");
            id = registered;
            callees.push(callee);
        }
        let caller = join(server).await;
        Self {
            callees,
            caller,
            requests: 0,
            id,
        }
    }

    /// Calls; who is invoked, and the number of the invocation.
    pub(super) async fn call(&mut self, options: serde_json::Value) -> (usize, u64) {
        self.requests += 1;
        say(&mut self.caller, json!([48, self.requests, options, "p"])).await;
        self.invoked().await.expect("somebody is invoked")
    }

    pub(super) async fn invoked(&mut self) -> Option<(usize, u64)> {
        settle().await;
        let mut found = None;
        for (at, callee) in self.callees.iter_mut().enumerate() {
            for heard in callee.rest().await {
                assert!(found.is_none(), "{found:?} and {at}");
                assert_eq!((&heard[0], &heard[2]), (&json!(68), &json!(self.id)));
                found = Some((at, heard[1].as_u64().expect("an id")));
            }
        }
        found
    }

    /// Calls and has the call answered; who it was.
    pub(super) async fn turn(&mut self, options: serde_json::Value) -> usize {
        let (at, invocation) = self.call(options).await;
        say(&mut self.callees[at], json!([70, invocation, {}, [at]])).await;
        self.caller
            .hears(json!([50, self.requests, {}, [at]]))
            .await;
        at
    }

    async fn turns(&mut self, count: usize) -> Vec<usize> {
        let mut turns = Vec::new();
        for _ in 0..count {
            turns.push(self.turn(json!({})).await);
        }
        turns
    }
}

pub(super) fn invoke(policy: &str) -> serde_json::Value {
    json!({"invoke": policy})
}

#[tokio::test(start_paused = true)]
async fn callees_are_chosen_as_the_first_of_them_has_said() {
    let server = router();
    let mut pool = Pool::new(&server, 3, invoke("roundrobin")).await;
    assert_eq!(pool.turns(7).await, [0, 1, 2, 0, 1, 2, 0]);
    let server = router();
    let mut pool = Pool::new(&server, 3, invoke("first")).await;
    assert_eq!(pool.turns(3).await, [0, 0, 0]);
    let server = router();
    let mut pool = Pool::new(&server, 3, invoke("last")).await;
    assert_eq!(pool.turns(3).await, [2, 2, 2]);
    let server = router();
    let mut pool = Pool::new(&server, 3, invoke("random")).await;
    let turns = pool.turns(100).await;
    for at in 0..3 {
        // That one of three is left out of a hundred has a chance of 1 in 10^17.
        assert!(turns.contains(&at), "{turns:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn patterns_are_shared_like_uris() {
    let server = router();
    let options = json!({"match": "prefix", "invoke": "roundrobin"});
    let mut callees = [join(&server).await, join(&server).await];
    let mut ids = Vec::new();
    for callee in &mut callees {
        ids.push(register(callee, 1, options.clone(), "a.").await);
    }
    assert_eq!(ids[0], ids[1]);
    let mut caller = join(&server).await;
    for (request, at) in [(1, 0), (2, 1), (3, 0)] {
        say(&mut caller, json!([48, request, {}, "a.b"])).await;
        answers(&mut callees[at], &mut caller, request).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_wants_to_share_otherwise_cannot_join() {
    let policies = ["single", "roundrobin", "random", "first", "last"];
    for of_first in policies {
        let server = router();
        let mut first = join(&server).await;
        let mut second = join(&server).await;
        let id = register(&mut first, 1, invoke(of_first), "p").await;
        for (request, of_second) in (1..).zip(policies) {
            if of_first == of_second && of_first != "single" {
                assert_eq!(
                    register(&mut second, request, invoke(of_second), "p").await,
                    id
                );
                say(&mut second, json!([66, 9, id])).await;
                second.hears(json!([67, 9])).await;
            } else {
                let exists = "wamp.error.procedure_already_exists";
                let request = json!([64, request, invoke(of_second), "p"]);
                refused(&mut second, request, exists).await;
            }
        }
        // When nobody is left, somebody may begin anew.
        say(&mut first, json!([66, 2, id])).await;
        first.hears(json!([67, 2])).await;
        register(&mut second, 10, json!({}), "p").await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_registers_twice_is_there_once() {
    let server = router();
    let mut pool = Pool::new(&server, 2, invoke("roundrobin")).await;
    let again = register(&mut pool.callees[0], 2, invoke("roundrobin"), "p").await;
    assert_eq!(again, pool.id);
    assert_eq!(pool.turns(4).await, [0, 1, 0, 1]);
    say(&mut pool.callees[0], json!([66, 3, again])).await;
    pool.callees[0].hears(json!([67, 3])).await;
    assert_eq!(pool.turns(2).await, [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn the_others_keep_their_turns_when_a_callee_leaves() {
    // Who leaves, after how many turns; whose turns come then.
    for (leaver, before, after) in [
        (0, 2, [2, 3, 1, 2]),
        (1, 2, [2, 3, 0, 2]),
        (2, 2, [3, 0, 1, 3]),
        (3, 2, [2, 0, 1, 2]),
        (3, 3, [0, 1, 2, 0]),
        (0, 0, [1, 2, 3, 1]),
        (3, 4, [0, 1, 2, 0]),
    ] {
        for leaves in [false, true] {
            let server = router();
            let mut pool = Pool::new(&server, 4, invoke("roundrobin")).await;
            pool.turns(before).await;
            let id = pool.id;
            let callee = &mut pool.callees[leaver];
            if leaves {
                callee.goodbye().await;
            } else {
                say(callee, json!([66, 2, id])).await;
                callee.hears(json!([67, 2])).await;
            }
            assert_eq!(pool.turns(4).await, after, "{leaver} leaves after {before}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_callee_has_no_more_calls_at_once_than_it_wants() {
    for (policy, order) in [
        ("roundrobin", [0, 1, 0, 1]),
        ("first", [0, 0, 1, 1]),
        ("last", [1, 1, 0, 0]),
    ] {
        let server = router();
        let options = json!({"invoke": policy, "concurrency": 2});
        let mut pool = Pool::new(&server, 2, options).await;
        let mut open = Vec::new();
        for at in order {
            let invoked = pool.call(json!({})).await;
            assert_eq!(invoked.0, at, "{policy}");
            open.push(invoked);
        }
        refused(&mut pool.caller, json!([48, 5, {}, "p"]), NOBODY).await;
        pool.requests = 5;
        // A place is free again after a result, an error, and a cancellation.
        let (at, invocation) = open[1];
        say(&mut pool.callees[at], json!([70, invocation, {}])).await;
        pool.caller.hears(json!([50, 2, {}])).await;
        assert_eq!(pool.call(json!({})).await.0, at);
        let (at, invocation) = open[2];
        say(&mut pool.callees[at], json!([8, 68, invocation, {}, "a.b"])).await;
        pool.caller.hears(json!([8, 48, 3, {}, "a.b"])).await;
        assert_eq!(pool.call(json!({})).await.0, at);
        let (at, invocation) = open[3];
        say(&mut pool.caller, json!([49, 4, {"mode": "killnowait"}])).await;
        pool.caller
            .hears(json!([8, 48, 4, {}, "wamp.error.canceled"]))
            .await;
        let killed = json!([69, invocation, {"mode": "killnowait"}]);
        pool.callees[at].hears(killed).await;
        assert_eq!(pool.call(json!({})).await.0, at);
        refused(&mut pool.caller, json!([48, 9, {}, "p"]), NOBODY).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_skipped_call_takes_its_place_until_the_callee_has_finished() {
    let server = router();
    let options = json!({"invoke": "single", "concurrency": 1});
    let mut pool = Pool::new(&server, 1, options).await;
    let (_, invocation) = pool.call(json!({})).await;
    say(&mut pool.caller, json!([49, 1, {"mode": "skip"}])).await;
    pool.caller
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    refused(&mut pool.caller, json!([48, 2, {}, "p"]), NOBODY).await;
    say(&mut pool.callees[0], json!([70, invocation, {}])).await;
    pool.requests = 2;
    assert_eq!(pool.turn(json!({})).await, 0);
    // Zero is no limit.
    let server = router();
    let mut pool = Pool::new(&server, 1, json!({"concurrency": 0})).await;
    for _ in 0..10 {
        pool.call(json!({})).await;
    }
}

#[tokio::test(start_paused = true)]
async fn calls_with_the_same_key_go_to_the_same_callee() {
    let server = router();
    let mut pool = Pool::new(&server, 4, invoke("roundrobin")).await;
    let key = |key: u64| json!({"runmode": "partition", "rkey": format!("user {key}")});
    let mut homes = Vec::new();
    for it in 0..40 {
        homes.push(pool.turn(key(it)).await);
    }
    for at in 0..4 {
        assert!(homes.contains(&at), "nobody is left out: {homes:?}");
    }
    for (it, home) in (0..).zip(&homes) {
        assert_eq!(pool.turn(key(it)).await, *home);
    }
    // Calls without a key, or that do not want it to count, take turns.
    let turns = pool.turns(4).await;
    assert_eq!(turns, [0, 1, 2, 3]);
    let mut turns = Vec::new();
    for _ in 0..4 {
        turns.push(pool.turn(json!({"rkey": "user 1"})).await);
    }
    assert_eq!(turns, [0, 1, 2, 3]);
    // When one leaves, only its keys move.
    pool.callees[2].goodbye().await;
    for (it, before) in (0..).zip(homes) {
        let after = pool.turn(key(it)).await;
        let moves = after != before;
        assert!(
            after != 2 && moves == (before == 2),
            "{it}: {before}, {after}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_the_same_in_every_serializer() {
    use wamp_proto::codec::Format;
    let server = router();
    let mut pool = Pool::new(&server, 4, invoke("random")).await;
    let keys = [
        json!("ann"),
        json!(7),
        json!(-1),
        json!(1.5),
        json!([1, {"a": null}]),
    ];
    for key in keys {
        let options = json!({"runmode": "partition", "rkey": key});
        let home = pool.turn(options.clone()).await;
        for format in [Format::MsgPack, Format::Cbor] {
            let mut caller = join_in(&server, format).await;
            say(&mut caller, json!([48, 1, options, "p"])).await;
            let (at, invocation) = pool.invoked().await.expect("somebody is invoked");
            assert_eq!(at, home, "{key} in {}", format.name());
            say(&mut pool.callees[at], json!([70, invocation, {}])).await;
            caller.hears(json!([50, 1, {}])).await;
        }
    }
}
