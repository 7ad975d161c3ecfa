//! Commands with a router to talk to, and those that run for a while.

use std::process::{ExitStatus, Output};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use wamp_tests::client::Client;
use wamp_tests::soon;

use crate::support::{Router, register, wamp};

/// A router that serves every realm to everybody.
pub(crate) async fn router() -> Router {
    Router::start(&["--listen", "127.0.0.1:0"]).await
}

/// A callee that can do everything, which offers this.
pub(crate) async fn callee(router: &Router, procedure: &str) -> Client {
    let mut client = Client::connect(router.address(), "/").await;
    let features = json!({"call_canceling": true, "progressive_call_results": true});
    let roles = json!({"callee": {"features": features}});
    client.knock("realm1", json!({"roles": roles})).await;
    register(&mut client, procedure).await;
    client
}

/// A command that knows where the router is, and has no profiles.
pub(crate) fn client(router: &Router, arguments: &[&str]) -> Command {
    client_at(&format!("ws://{}", router.address()), arguments)
}

pub(crate) fn client_at(url: &str, arguments: &[&str]) -> Command {
    let mut command = wamp(arguments);
    command
        .env("WAMP_URL", url)
        .env("XDG_CONFIG_HOME", "/nowhere")
        .env_remove("WAMPYSECRET");
    command
}

/// How a command ended, and what it has written.
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// Runs a command to its end.
pub(crate) async fn done(mut command: Command) -> Done {
    let output = soon("the end of a command", command.output()).await;
    output.expect("it can be started").into()
}

/// What a command writes that succeeds.
pub(crate) async fn told(router: &Router, arguments: &[&str]) -> String {
    let done = done(client(router, arguments)).await;
    assert_eq!(done.code, Some(0), "{arguments:?}: {}", done.err);
    done.out
}

/// The same, which is one line of JSON.
pub(crate) async fn json(router: &Router, arguments: &[&str]) -> Value {
    let out = told(router, arguments).await;
    assert_eq!(out.lines().count(), 1, "{out}");
    serde_json::from_str(&out).expect("it is JSON")
}

/// A command that runs; it is killed when this is dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) stdout: Option<Lines<BufReader<ChildStdout>>>,
    pub(crate) stderr: Lines<BufReader<ChildStderr>>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("it can be started");
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        Self {
            child,
            stdout: Some(BufReader::new(stdout).lines()),
            stderr: BufReader::new(stderr).lines(),
        }
    }

    /// One that says on stderr that it has begun.
    pub(crate) async fn ready(router: &Router, arguments: &[&str]) -> Self {
        let mut running = Self::start(client(router, arguments));
        running.says("ed to `").await;
        running
    }

    /// The same for a registration.
    pub(crate) async fn registered(router: &Router, arguments: &[&str]) -> Self {
        let arguments = [&["register"], arguments].concat();
        let mut running = Self::start(client(router, &arguments));
        running.says("registered `").await;
        running
    }

    /// The next line of stdout.
    pub(crate) async fn line(&mut self) -> String {
        let stdout = self.stdout.as_mut().expect("it is read");
        next_line(stdout).await
    }

    /// Waits for a line of stderr that has this text.
    pub(crate) async fn says(&mut self, text: &str) -> String {
        loop {
            let line = next_line(&mut self.stderr).await;
            eprintln!("{line}");
            if line.contains(text) {
                return line;
            }
        }
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = self.child.id().expect("it runs");
        let id = i32::try_from(id).expect("numbers of processes are small");
        let id = rustix::process::Pid::from_raw(id).expect("it is not 0");
        rustix::process::kill_process(id, signal).expect("it is ours");
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let ended = soon("the end of a command", self.child.wait()).await;
        ended.expect("it can be waited for")
    }
}

async fn next_line<R: AsyncRead + Unpin>(lines: &mut Lines<BufReader<R>>) -> String {
    let line = soon("a line", lines.next_line()).await;
    line.expect("it is text").expect("there is a line")
}
