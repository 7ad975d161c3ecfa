//! The test vectors of the WAMP project that are sequences of messages between sessions and a router, played with our router.
//!
//! They are no part of this repository; CONTRIBUTING.md says where to get them. They are looked for beside it, in `../shared/vectors`, or
//! where `WAMP_VECTORS` says. Without them the test passes, except where `CI` is set.
//!
//! Requests in them have any numbers, while the specification wants 1, 2, 3, …: they are played in a realm that is not strict about it,
//! which is the default, because clients in use do the same.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Map, Value, json};
use wamp_tests::client::Client;
use wamp_tests::router::Router;

#[tokio::test]
async fn sequences_of_messages() {
    let Some(files) = files() else { return };
    assert!(!files.is_empty(), "there are no vectors");
    let router = Router::start().await;
    for file in files {
        let vector: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        eprintln!("{}: {}", file.display(), vector["description"]);
        play(&vector, router.address()).await;
    }
}

async fn play(vector: &Value, address: SocketAddr) {
    let mut sessions = BTreeMap::new();
    for session in vector["sessions"].as_array().unwrap() {
        let mut client = Client::connect(address, "/").await;
        let roles: Map<String, Value> = session["roles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|role| (role.as_str().unwrap().to_owned(), json!({})))
            .collect();
        let realm = session["realm"].as_str().unwrap();
        let welcome = client.knock(realm, json!({"roles": roles})).await;
        assert_eq!(welcome[0], 2, "{welcome}");
        sessions.insert(session["session_id"].as_str().unwrap(), client);
    }
    let mut ids = Ids::default();
    let mut events = 0;
    for step in vector["sequence"].as_array().unwrap() {
        let message = step["message"].as_object().unwrap();
        eprintln!("{}", step["description"]);
        if step["to"] == "router" {
            let client = sessions.get_mut(step["from"].as_str().unwrap()).unwrap();
            client.send(&ids.sent(message)).await;
        } else {
            let client = sessions.get_mut(step["to"].as_str().unwrap()).unwrap();
            ids.compare(message, &client.receive().await);
            events += u64::from(message["type"] == "EVENT");
        }
    }
    if let Some(expected) = vector["expected_outcome"]["event_count"].as_u64() {
        assert_eq!(events, expected, "events");
    }
    // Nobody hears more than that.
    for client in sessions.values_mut() {
        client.unsubscribe_from_nothing().await;
    }
}

/// What the router has for the ids that are written in the vector.
#[derive(Default)]
struct Ids(BTreeMap<(String, u64), u64>);

impl Ids {
    /// A message as it is on the wire.
    fn sent(&self, message: &Map<String, Value>) -> Value {
        let (code, fields) = layout(message);
        let mut elements = vec![json!(code)];
        elements.extend(fields.iter().map(|&field| {
            let value = &message[field];
            let known = value
                .as_u64()
                .and_then(|id| self.0.get(&(field.to_owned(), id)));
            known.map_or_else(|| value.clone(), |id| json!(id))
        }));
        if let Some(args) = message.get("args") {
            elements.push(args.clone());
            elements.extend(message.get("kwargs").cloned());
        }
        Value::Array(elements)
    }

    /// Compares what was heard with what is written. Which numbers the router takes is its business; they must be the same throughout.
    fn compare(&mut self, message: &Map<String, Value>, heard: &Value) {
        let (code, fields) = layout(message);
        assert_eq!(heard[0], code, "{heard}");
        for (index, &field) in fields.iter().enumerate() {
            let (expected, actual) = (&message[field], &heard[index + 1]);
            match expected {
                Value::Object(details) => {
                    for (key, value) in details {
                        assert_eq!(&actual[key], value, "{key} in {heard}");
                    }
                }
                Value::Number(id) if CHOSEN.contains(&field) => {
                    let known = self.0.entry((field.to_owned(), id.as_u64().unwrap()));
                    let actual = actual.as_u64().unwrap();
                    assert_eq!(*known.or_insert(actual), actual, "{field} in {heard}");
                }
                expected => assert_eq!(actual, expected, "{field} in {heard}"),
            }
        }
        for (name, index) in [("args", fields.len() + 1), ("kwargs", fields.len() + 2)] {
            assert_eq!(heard.get(index), message.get(name), "{name} in {heard}");
        }
    }
}

/// The type of a message, and what the vectors call its elements; payloads come after them.
fn layout(message: &Map<String, Value>) -> (u64, &'static [&'static str]) {
    match message["type"].as_str().unwrap() {
        "PUBLISH" => (16, &["request_id", "options", "topic"]),
        "PUBLISHED" => (17, &["request_id", "publication_id"]),
        "SUBSCRIBE" => (32, &["request_id", "options", "topic"]),
        "SUBSCRIBED" => (33, &["request_id", "subscription_id"]),
        "UNSUBSCRIBE" => (34, &["request_id", "subscription_id"]),
        "UNSUBSCRIBED" => (35, &["request_id"]),
        "EVENT" => (36, &["subscription_id", "publication_id", "details"]),
        "CALL" => (48, &["request_id", "options", "procedure"]),
        "CANCEL" => (49, &["request_id", "options"]),
        "RESULT" => (50, &["request_id", "details"]),
        "REGISTER" => (64, &["request_id", "options", "procedure"]),
        "REGISTERED" => (65, &["request_id", "registration_id"]),
        "UNREGISTER" => (66, &["request_id", "registration_id"]),
        "UNREGISTERED" => (67, &["request_id"]),
        other => panic!("{other} is not in the table"),
    }
}

/// What a router chooses.
const CHOSEN: [&str; 3] = ["publication_id", "registration_id", "subscription_id"];

fn files() -> Option<Vec<PathBuf>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    let root = env::var_os("WAMP_VECTORS")
        .map_or(beside, PathBuf::from)
        .join("multisession");
    if !root.is_dir() {
        assert!(env::var_os("CI").is_none(), "{} is missing", root.display());
        // Not `eprintln!`: the harness hides what a test that passes prints.
        let _ = writeln!(io::stderr(), "SKIPPED: {} is missing", root.display());
        return None;
    }
    let list = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let mut files: Vec<PathBuf> = list(&root).iter().flat_map(|folder| list(folder)).collect();
    files.sort();
    Some(files)
}
