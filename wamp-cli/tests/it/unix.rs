//! Unix sockets.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rustix::process::Signal;
use serde_json::json;
use tokio::net::{UnixListener, UnixStream};
use wamp_tests::client::{Client, args};

use crate::support::{Folder, hello, run};

fn folder() -> Folder {
    Folder::new("[[listener]]\nunix = \"wamp.sock\"\nmode = 0o600\n")
}

async fn join(folder: &Folder) -> Client<UnixStream> {
    let stream = UnixStream::connect(folder.path("wamp.sock")).await;
    let stream = stream.expect("it is listened on");
    let mut client = Client::over(stream, "ws://localhost/", &[]).await;
    let welcome = client.knock("a", hello(json!({}))).await;
    assert_eq!(welcome[0], 2, "{welcome}");
    client
}

#[tokio::test]
async fn one_is_served_and_removed_in_the_end() {
    let folder = folder();
    let router = folder.start().await;
    let path = folder.path("wamp.sock");
    let line = format!(
        "listening on ws+unix://{} (WebSocket and RawSocket)",
        path.display()
    );
    assert_eq!(router.lines, [line]);
    let mode = fs::metadata(&path).expect("it is there").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);

    let (mut one, mut other) = (join(&folder).await, join(&folder).await);
    let subscription = one.subscribe("news").await;
    other.publish("news", args(json!([1]))).await;
    assert_eq!(one.event(subscription).await, json!([[1]]));
    drop((one, other));
    router.signal(Signal::TERM);
    assert_eq!(router.ended().await.code(), Some(0));
    assert!(!path.exists());
}

#[tokio::test]
async fn what_a_killed_router_has_left_is_no_obstacle() {
    let folder = folder();
    let router = folder.start().await;
    join(&folder).await;
    router.kill().await;
    assert!(folder.path("wamp.sock").exists());
    let router = folder.start().await;
    join(&folder).await;
    router.signal(Signal::TERM);
    assert_eq!(router.ended().await.code(), Some(0));
    assert!(!folder.path("wamp.sock").exists());
}

#[tokio::test]
async fn nobody_is_pushed_aside() {
    let folder = folder();
    let path = folder.text_of("wamp.sock");
    let listen = format!("unix:{path}");
    let arguments = ["router", "--listen", &listen];
    let expected = format!("wamp: `{listen}` cannot be listened on: ");

    let somebody = UnixListener::bind(&path).expect("it is free");
    let output = run(&arguments, "").await;
    assert_eq!(output.status.code(), Some(4));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains(&expected), "{error}");
    assert!(UnixStream::connect(&path).await.is_ok());
    drop(somebody);

    fs::remove_file(&path).expect("it is there");
    folder.write("wamp.sock", "a letter");
    let output = run(&arguments, "").await;
    assert_eq!(output.status.code(), Some(4));
    let letter = fs::read_to_string(&path).expect("it is there");
    assert_eq!(letter, "a letter");
}

#[tokio::test]
async fn a_socket_that_somebody_else_has_put_there_stays() {
    let folder = folder();
    let router = folder.start().await;
    let path = folder.path("wamp.sock");
    fs::remove_file(&path).expect("it is there");
    let _other = UnixListener::bind(&path).expect("it is free");
    router.signal(Signal::TERM);
    assert_eq!(router.ended().await.code(), Some(0));
    assert!(path.exists());
}
