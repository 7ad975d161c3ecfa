//! Clients that others have written, in other languages: against our server, with each other through our router, and one of them through a
//! router of others.
//!
//! Each script runs named checks and prints a line for each. What a script needs is installed once, see [`wamp_tests::peers`]; where that is
//! impossible its tests are skipped, and say so.

mod authentication;
mod crossbar;
mod crossbar_auth;
mod partners;
mod rawsocket;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;
use wamp_tests::crossbar::Crossbar;
use wamp_tests::peers::{chromium, node, python};
use wamp_tests::program::Program;
use wamp_tests::soon;

#[tokio::test]
async fn autobahn_for_python_with_json() {
    interop(python("autobahn_client.py"), "json").await;
}

#[tokio::test]
async fn autobahn_for_python_with_msgpack() {
    interop(python("autobahn_client.py"), "msgpack").await;
}

#[tokio::test]
async fn autobahn_for_python_with_cbor() {
    interop(python("autobahn_client.py"), "cbor").await;
}

#[tokio::test]
async fn wampy_with_json() {
    interop(node("wampy_client.js"), "json").await;
}

#[tokio::test]
async fn wampy_with_msgpack() {
    interop(node("wampy_client.js"), "msgpack").await;
}

#[tokio::test]
async fn wampy_with_cbor() {
    interop(node("wampy_client.js"), "cbor").await;
}

#[tokio::test]
async fn autobahn_for_javascript_with_json() {
    interop(node("autobahn_client.js"), "json").await;
}

#[tokio::test]
async fn autobahn_for_javascript_with_msgpack() {
    interop(node("autobahn_client.js"), "msgpack").await;
}

#[tokio::test]
async fn autobahn_for_javascript_with_cbor() {
    interop(node("autobahn_client.js"), "cbor").await;
}

/// The document service, used from Python as its documentation says.
#[tokio::test]
async fn docs_from_python() {
    if let Some(script) = python("docs_client.py") {
        let docs = Program::example("docs", &[]).await;
        run(script, docs.address(), &[]).await;
    }
}

/// The same where it is offered at a router: ours, and Crossbar.io.
#[tokio::test]
async fn docs_from_python_through_our_router() {
    if let Some(script) = python("docs_client.py") {
        let router = Program::example("router", &[]).await;
        let _docs = Program::joined("docs", router.address(), &[]).await;
        run(script, router.address(), &["realm1"]).await;
    }
}

#[tokio::test]
async fn docs_from_python_through_crossbar() {
    if let Some(script) = python("docs_client.py")
        && let Some(crossbar) = Crossbar::start().await
    {
        let _docs = Program::joined("docs", crossbar.address(), &[]).await;
        run(script, crossbar.address(), &["realm1"]).await;
    }
}

/// Two browsers' worth of chat.
#[tokio::test]
async fn chat_from_javascript() {
    if let Some(script) = node("chat_client.js") {
        let chat = Program::example("chat", &[]).await;
        run(script, chat.address(), &[]).await;
    }
}

/// Logging in and out, in a browser.
#[tokio::test]
async fn cookies_in_chromium() {
    if let Some(mut script) = node("cookies_browser.js")
        && let Some(browser) = chromium()
    {
        script.env("CHROMIUM", browser);
        let people = Program::example("cookies", &[]).await;
        run(script, people.address(), &[]).await;
    }
}

/// Runs a script against a server of its own.
async fn interop(script: Option<Command>, encoding: &str) {
    if let Some(script) = script {
        let server = Program::start(Path::new(env!("CARGO_BIN_EXE_interop")), &[]).await;
        run(script, server.address(), &[encoding]).await;
    }
}

/// Runs a script against a server, over WebSocket.
async fn run(script: Command, server: SocketAddr, arguments: &[&str]) {
    run_to(script, &format!("ws://{server}/"), arguments).await;
}

/// Runs a script, shows what it prints, and fails if it does or if it checks nothing.
async fn run_to(mut script: Command, url: &str, arguments: &[&str]) {
    let process = script
        .arg(url)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it was there when it was set up");
    let output = soon("a foreign client to finish", process.wait_with_output()).await;
    let output = output.expect("its output can be read");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    eprintln!("{stdout}{stderr}");
    assert!(output.status.success(), "a foreign client failed");
    let checks = stdout.lines().filter(|line| line.starts_with("ok "));
    assert_ne!(checks.count(), 0, "no check was run");
}
