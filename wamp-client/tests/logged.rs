//! What the log says. A program of its own: whether something is logged is decided once for all threads.

#![cfg(unix)]

use std::io;
use std::sync::{Arc, Mutex};

use tracing_subscriber::util::SubscriberInitExt as _;
use wamp_client::{Client, State};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("nobody panics")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn why_there_is_no_session_is_said_as_the_system_says_it() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
    let _guard = subscriber.with_ansi(false).set_default();
    let directory = tempfile::tempdir().unwrap();
    let nowhere = directory.path().join("nowhere.sock");
    let client = Client::builder(&format!("unix://{}", nowhere.display()));
    let client = client.start().unwrap();
    let mut states = client.states();
    while !matches!(
        states.next().await.unwrap(),
        State::Connecting { failures: 1.., .. }
    ) {}
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for said in ["nowhere.sock", "No such file"] {
        assert!(log.contains(said), "{said}: {log}");
    }
}
