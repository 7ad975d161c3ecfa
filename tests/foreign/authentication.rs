//! Foreign clients prove who they are to the server `gatekeeper`.

use std::path::Path;

use tokio::process::Command;
use wamp_tests::peers::{node, python};
use wamp_tests::program::Program;

use crate::run;

#[tokio::test]
async fn autobahn_for_python_with_json() {
    knock(python("autobahn_auth.py"), &["json"]).await;
}

#[tokio::test]
async fn autobahn_for_python_with_msgpack() {
    knock(python("autobahn_auth.py"), &["msgpack"]).await;
}

#[tokio::test]
async fn autobahn_for_python_with_cbor() {
    knock(python("autobahn_auth.py"), &["cbor"]).await;
}

#[tokio::test]
async fn wampy_with_json() {
    knock(node("wampy_auth.js"), &["json"]).await;
}

#[tokio::test]
async fn wampy_with_msgpack() {
    knock(node("wampy_auth.js"), &["msgpack"]).await;
}

#[tokio::test]
async fn wampy_with_cbor() {
    knock(node("wampy_auth.js"), &["cbor"]).await;
}

#[tokio::test]
async fn autobahn_for_javascript_with_json() {
    knock(node("autobahn_auth.js"), &["json"]).await;
}

#[tokio::test]
async fn autobahn_for_javascript_with_msgpack() {
    knock(node("autobahn_auth.js"), &["msgpack"]).await;
}

#[tokio::test]
async fn autobahn_for_javascript_with_cbor() {
    knock(node("autobahn_auth.js"), &["cbor"]).await;
}

/// Replays, and what else no client does.
#[tokio::test]
async fn frame_by_frame() {
    knock(python("raw_auth.py"), &[]).await;
}

#[tokio::test]
async fn without_an_answer() {
    knock(python("raw_auth.py"), &["impatient"]).await;
}

/// Runs a script against a gatekeeper of its own; words are for both.
async fn knock(script: Option<Command>, words: &[&str]) {
    if let Some(script) = script {
        let gatekeeper = Path::new(env!("CARGO_BIN_EXE_gatekeeper"));
        let gatekeeper = Program::start(gatekeeper, words).await;
        run(script, gatekeeper.address(), words).await;
    }
}
