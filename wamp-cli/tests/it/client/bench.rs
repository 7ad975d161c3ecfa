//! `wamp bench`.

use serde_json::Value;

use super::support::{Running, json, router, told};

/// Short, because nobody looks at the numbers.
const QUICK: [&str; 4] = ["--duration", "200ms", "--warm-up", "10ms"];

fn keys(value: &Value) -> Vec<&str> {
    let keys = value.as_object().expect("an object").keys();
    keys.map(String::as_str).collect()
}

#[tokio::test]
async fn calls_are_counted() {
    let router = router().await;
    let options = [
        "--connections",
        "2",
        "--in-flight",
        "4",
        "--payload",
        "1KiB",
    ];
    let command = [&["bench", "calls", "--json"], &options[..], &QUICK].concat();
    let report = json(&router, &command).await;
    assert_eq!(
        keys(&report),
        [
            "bench",
            "calls",
            "calls_per_second",
            "connections",
            "errors",
            "in_flight",
            "loop",
            "microseconds",
            "payload",
            "seconds",
            "serializer"
        ]
    );
    assert_eq!(
        keys(&report["microseconds"]),
        ["max", "mean", "min", "p50", "p90", "p99", "p99.9"]
    );
    assert!(
        report["calls"].as_u64().is_some_and(|it| it > 0),
        "{report}"
    );
    assert_eq!(
        (&report["errors"], &report["loop"]),
        (&0.into(), &"closed".into())
    );
    assert_eq!(report["payload"], 1024);
    let people = told(&router, &[&["bench", "calls"], &QUICK[..]].concat()).await;
    assert!(people.contains("p99"), "{people}");
    assert!(people.contains("A closed loop:"), "{people}");
    let _echo = Running::registered(&router, &["com.example.ping", "--echo", "--json"]).await;
    let command = [
        "bench",
        "calls",
        "--json",
        "--procedure",
        "com.example.ping",
        "--in-flight",
        "1",
    ];
    let report = json(&router, &[&command, &QUICK[..]].concat()).await;
    assert!(
        report["calls"].as_u64().is_some_and(|it| it > 0),
        "{report}"
    );
}

#[tokio::test]
async fn events_are_counted_at_both_ends() {
    let router = router().await;
    let options = ["bench", "events", "--json", "--subscribers", "3"];
    let report = json(&router, &[&options, &QUICK[..]].concat()).await;
    let count = |key: &str| report[key].as_u64().expect("a number");
    assert!(count("published") > 0);
    assert_eq!(count("received"), 3 * count("published"));
    assert_eq!(count("lost"), 0);
    // Events that are late do not make it faster than it is.
    let number = |key: &str| report[key].as_f64().expect("a number");
    assert!(number("received_seconds") >= number("seconds"), "{report}");
    let rate = number("received") / number("received_seconds");
    assert!(
        (rate - number("received_per_second")).abs() < 1.0,
        "{report}"
    );
}

#[tokio::test]
async fn sessions_are_opened() {
    let router = router().await;
    let options = [
        "bench", "sessions", "--json", "--count", "20", "--hold", "10ms",
    ];
    let report = json(&router, &options).await;
    assert_eq!(
        (&report["sessions"], &report["lost"]),
        (&20.into(), &0.into())
    );
}
