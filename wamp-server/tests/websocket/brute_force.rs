//! Somebody who tries one secret after the other. Others must not notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use serde_json::json;
use wamp_server::auth::Principal;
use wamp_server::{Limits, Realm};

use crate::support::{Canary, Client, Running, app, timeless};

const ATTEMPTS: usize = 300;
const ATTACKERS: usize = 60;

/// One attempt; the reason of its ABORT, or `None` if it comes in.
async fn attempt(server: std::net::SocketAddr, ticket: &str) -> Option<String> {
    let mut client = Client::upgraded(server, "wamp.2.json").await;
    let details = json!({"roles": {"caller": {}}, "authid": "joe", "authmethods": ["ticket"]});
    client.send_json(json!([1, "vault", details])).await;
    let answer = client.message().await;
    let answer = if answer[0] == 4 {
        client.send_json(json!([5, ticket, {}])).await;
        client.message().await
    } else {
        answer
    };
    if answer[0] == 2 {
        client.leave().await;
        return None;
    }
    assert_eq!(client.end().await.code, Some(1000));
    answer[2].as_str().map(ToOwned::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_wrong_tickets_at_once() {
    let limits = Limits {
        welcome_timeout: Duration::from_secs(3),
        auth_failure_pause: Duration::from_millis(200),
        ..timeless()
    };
    let vault = Realm::new("vault").ticket(async |_, ticket| {
        ticket
            .is_same("open sesame")
            .then(|| Principal::new("joe", "customer"))
    });
    let server = Running::new(app().anonymous("guest").limits(limits).realm(vault)).await;
    let canary = Canary::start(server.address).await;
    let (left, denied) = (
        Arc::new(AtomicUsize::new(ATTEMPTS)),
        Arc::new(AtomicUsize::new(0)),
    );
    let attackers = std::iter::repeat_with(|| {
        let (address, left, denied) = (server.address, Arc::clone(&left), Arc::clone(&denied));
        tokio::spawn(async move {
            let more = |it: usize| it.checked_sub(1);
            while left.fetch_update(Relaxed, Relaxed, more).is_ok() {
                match attempt(address, "wrong").await.as_deref() {
                    Some("wamp.error.authentication_denied") => {
                        denied.fetch_add(1, Relaxed);
                    }
                    Some("wamp.error.authentication_failed") => {}
                    other => panic!("{other:?}"),
                }
            }
        })
    });
    let begin = std::time::Instant::now();
    for attacker in attackers.take(ATTACKERS).collect::<Vec<_>>() {
        attacker.await.expect("the attackers are well");
    }
    // Ten, five in a second after that, and one more for each six seconds: however many come at once.
    let seconds = usize::try_from(begin.elapsed().as_secs()).expect("a short test");
    let allowed = 10 + (seconds + 1) * 6;
    let denied = denied.load(Relaxed);
    assert!((10..=allowed).contains(&denied), "{denied} of {allowed}");
    canary.stop().await;
    assert_eq!(server.stats().failed_authentications, denied as u64);

    // Nobody is locked out: whoever has the right one only has to wait for the turn.
    while let Some(reason) = attempt(server.address, "open sesame").await {
        assert_eq!(reason, "wamp.error.authentication_failed");
    }
    server.rest().await;
}
