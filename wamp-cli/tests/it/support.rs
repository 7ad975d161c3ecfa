//! The program, and what it reads.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::mpsc;
use wamp_tests::client::Client;
use wamp_tests::soon;

/// The program with these arguments, and without anything that the environment of the tests says about it.
pub(crate) fn wamp(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wamp"));
    for (name, _) in std::env::vars_os() {
        let is_ours = |it: &str| it.starts_with("WAMP_") || it == "RUST_LOG";
        if name.to_str().is_some_and(is_ours) {
            command.env_remove(name);
        }
    }
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a command to its end, with this on its stdin.
pub(crate) async fn run(arguments: &[&str], stdin: &str) -> Output {
    run_command(wamp(arguments), stdin).await
}

/// The same for any command.
pub(crate) async fn run_command(mut command: Command, stdin: &str) -> Output {
    let child = command.stdin(Stdio::piped()).spawn();
    let mut child = child.expect("it can be started");
    let mut input = child.stdin.take().expect("it is piped");
    // Some read nothing, and may be gone.
    let _ = input.write_all(stdin.as_bytes()).await;
    drop(input);
    let output = soon("the end of a command", child.wait_with_output()).await;
    output.expect("it can be waited for")
}

/// What a command that succeeds writes to stdout.
pub(crate) async fn out(arguments: &[&str], stdin: &str) -> String {
    let output = run(arguments, stdin).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("it is text")
}

/// A router that runs; it is killed when this is dropped.
pub(crate) struct Router {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    log: mpsc::UnboundedReceiver<String>,
    /// What it has said about each listener.
    pub(crate) lines: Vec<String>,
}

impl Router {
    /// Starts it with these arguments, and waits until one listener is ready.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let arguments = [&["router"], arguments].concat();
        Self::spawn(&mut wamp(&arguments), 1).await
    }

    /// The same for a command, and for some listeners.
    pub(crate) async fn spawn(command: &mut Command, listeners: usize) -> Self {
        let mut child = command.spawn().expect("it can be started");
        let stderr = child.stderr.take().expect("it is piped");
        let (sender, log) = mpsc::unbounded_channel();
        // Read all the time, or the router would wait for room in the pipe.
        tokio::spawn(async move {
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("{line}");
                let _ = sender.send(line);
            }
        });
        let stdout = child.stdout.take().expect("it is piped");
        let mut stdout = BufReader::new(stdout).lines();
        let mut lines = Vec::new();
        for _ in 0..listeners {
            let line = soon("a listener", stdout.next_line()).await;
            let line = line.expect("it is text");
            lines.push(line.expect("a line for each listener"));
        }
        Self {
            child,
            stdout,
            log,
            lines,
        }
    }

    /// Where the first listener is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address_of(0)
    }

    pub(crate) fn address_of(&self, listener: usize) -> SocketAddr {
        let line = self.lines.get(listener).expect("there are so many");
        let (_, rest) = line.split_once("://").expect("a URL");
        let (address, _) = rest.split_once(' ').expect("what is spoken");
        address.parse().expect("an address")
    }

    /// A client with all roles in a realm that asks nobody who he is.
    pub(crate) async fn join(&self, realm: &str) -> Client {
        let mut client = Client::connect(self.address(), "/").await;
        let welcome = client.knock(realm, hello(json!({}))).await;
        assert_eq!(welcome.get(0), Some(&json!(2)), "{welcome}");
        client
    }

    /// One that comes in by a ticket.
    pub(crate) async fn join_by(&self, realm: &str, authid: &str, ticket: &str) -> Client {
        let (client, answer) = self.show_ticket(realm, authid, ticket).await;
        assert_eq!(answer.get(0), Some(&json!(2)), "{answer}");
        client
    }

    /// Shows a ticket, and gives the answer.
    pub(crate) async fn show_ticket(
        &self,
        realm: &str,
        authid: &str,
        ticket: &str,
    ) -> (Client, Value) {
        let mut client = Client::connect(self.address(), "/").await;
        let details = json!({"authid": authid, "authmethods": ["ticket"]});
        let challenge = client.knock(realm, hello(details)).await;
        assert_eq!(challenge, json!([4, "ticket", {}]));
        let answer = client.authenticate(ticket).await;
        (client, answer)
    }

    /// Waits for a line of the log that has this text.
    pub(crate) async fn logs(&mut self, text: &str) -> String {
        let found = async {
            loop {
                let line = self.log.recv().await;
                let line = line.unwrap_or_else(|| panic!("`{text}` was never logged"));
                if line.contains(text) {
                    return line;
                }
            }
        };
        soon(text, found).await
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = self.child.id().expect("it runs");
        let id = i32::try_from(id).expect("numbers of processes are small");
        let id = rustix::process::Pid::from_raw(id).expect("it is not 0");
        rustix::process::kill_process(id, signal).expect("it is ours");
    }

    /// Waits until it has ended, and has said nothing more on stdout.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        let more = soon("the end of stdout", self.stdout.next_line()).await;
        assert_eq!(more.expect("it is text"), None);
        let status = soon("the end of a router", self.child.wait()).await;
        status.expect("it can be waited for")
    }

    /// Ends it without any warning.
    pub(crate) async fn kill(mut self) {
        let killed = soon("the end of a router", self.child.kill()).await;
        killed.expect("it runs");
    }
}

/// Details of HELLO with all roles.
pub(crate) fn hello(mut details: Value) -> Value {
    let roles = json!({"caller": {}, "callee": {}, "publisher": {}, "subscriber": {}});
    details
        .as_object_mut()
        .expect("an object")
        .insert("roles".to_owned(), roles);
    details
}

/// A folder with a configuration and what it names.
pub(crate) struct Folder {
    directory: TempDir,
}

impl Folder {
    /// One with this `wamp.toml`.
    pub(crate) fn new(configuration: &str) -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        let folder = Self { directory };
        folder.write("wamp.toml", configuration);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn text_of(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("it can be written");
    }

    pub(crate) async fn start(&self) -> Router {
        self.start_with(1).await
    }

    pub(crate) async fn start_with(&self, listeners: usize) -> Router {
        let configuration = self.text_of("wamp.toml");
        let arguments = ["router", "--config", &configuration];
        Router::spawn(&mut wamp(&arguments), listeners).await
    }
}

/// The beginning of most configurations.
pub(crate) const ANYWHERE: &str = "[[listener]]\naddress = \"127.0.0.1:0\"\n";

/// What a call comes to: its first result, or the URI of its error.
pub(crate) async fn call(client: &mut Client, procedure: &str) -> Value {
    let outcome = client
        .call(procedure, wamp_tests::client::Arguments::none())
        .await;
    let first = outcome.get(0).cloned().unwrap_or_default();
    first
        .as_array()
        .map_or(first.clone(), |it| it.first().cloned().unwrap_or_default())
}

/// Registers a procedure, which must succeed.
pub(crate) async fn register(client: &mut Client, procedure: &str) {
    client.send(&json!([64, 900, {}, procedure])).await;
    let answer = client.receive().await;
    assert_eq!(answer.get(0), Some(&json!(65)), "{answer}");
}

/// Answers the next invocation with this.
pub(crate) async fn answer(client: &mut Client, value: Value) {
    let invocation = client.receive().await;
    assert_eq!(invocation.get(0), Some(&json!(68)), "{invocation}");
    let request = invocation.get(1).cloned().unwrap_or_default();
    client.send(&json!([70, request, {}, [value]])).await;
}
