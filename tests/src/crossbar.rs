//! Crossbar.io, a router that others have written: starts a node, waits until it is ready, and ends it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::client::Client;
use crate::peers;

/// A node with one router, which ends when this is dropped. If that is because a test fails, its log is shown.
#[derive(Debug)]
pub struct Crossbar {
    address: SocketAddr,
    rawsocket: SocketAddr,
    log: Log,
    /// Killed when it is dropped; its workers end when it is gone.
    _child: Child,
    /// Removed after that.
    _directory: TempDir,
}

type Log = Arc<Mutex<String>>;

impl Crossbar {
    /// Starts a node that serves [`REALM`], in which everybody may do everything. `None` where there is no Crossbar.io.
    pub async fn start() -> Option<Self> {
        Self::start_with(json!({})).await
    }

    /// The same, with these ways to authenticate beside none, in the role [`ROLE`].
    pub async fn start_with(auth: Value) -> Option<Self> {
        let mut log = String::new();
        for _ in 0..ATTEMPTS {
            match Self::attempt(peers::crossbar()?, &auth).await {
                Ok(crossbar) => {
                    // More than that the log says it: it opens sessions.
                    Client::join(crossbar.address, REALM).await;
                    return Some(crossbar);
                }
                Err(why) => log = why,
            }
        }
        panic!("Crossbar.io does not start:\n{log}");
    }

    /// The address where it serves WebSocket.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address where it serves RawSocket.
    #[must_use]
    pub fn rawsocket(&self) -> SocketAddr {
        self.rawsocket
    }

    /// The error is its log.
    async fn attempt(mut program: Command, auth: &Value) -> Result<Self, String> {
        let directory =
            TempDir::with_prefix("wamp-tests-crossbar-").expect("a temporary directory");
        let (address, rawsocket) = (free_address(), free_address());
        let config = config(address.port(), rawsocket.port(), auth).to_string();
        fs::write(directory.path().join("config.json"), config).expect("a file can be written");
        let mut child = program
            .args(["start", "--loglevel", "info", "--color", "false", "--cbdir"])
            .arg(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it was there when it was set up");
        let mut lines = lines_of(&mut child);
        let log = Log::default();
        let ready = async {
            while let Some(line) = lines.recv().await {
                let is_ready = line.contains(READY);
                append(&log, &line);
                if is_ready {
                    return true;
                }
            }
            false
        };
        if !timeout(PATIENCE, ready).await.unwrap_or(false) {
            return Err(log_text(&log));
        }
        // Read on, or it would wait for room in the pipe.
        tokio::spawn({
            let log = Arc::clone(&log);
            async move {
                while let Some(line) = lines.recv().await {
                    append(&log, &line);
                }
            }
        });
        Ok(Self {
            address,
            rawsocket,
            log,
            _child: child,
            _directory: directory,
        })
    }
}

impl Drop for Crossbar {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("The log of Crossbar.io:\n{}", log_text(&self.log));
        }
    }
}

/// What it writes to both outputs, line by line.
fn lines_of(child: &mut Child) -> UnboundedReceiver<String> {
    let (sender, receiver) = unbounded_channel();
    let stdout = child.stdout.take().expect("it is piped");
    let stderr = child.stderr.take().expect("it is piped");
    tokio::spawn(pass_on(stdout, sender.clone()));
    tokio::spawn(pass_on(stderr, sender));
    receiver
}

async fn pass_on(output: impl AsyncRead + Unpin, lines: UnboundedSender<String>) {
    let mut output = BufReader::new(output).lines();
    while let Ok(Some(line)) = output.next_line().await {
        if lines.send(line).is_err() {
            return;
        }
    }
}

fn append(log: &Log, line: &str) {
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    log.push_str(line);
    log.push('\n');
}

fn log_text(log: &Log) -> String {
    log.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// An address that was free a moment ago: Crossbar.io cannot be told to choose one.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("it is bound")
}

/// One realm and two listeners.
fn config(port: u16, rawsocket: u16, auth: &Value) -> Value {
    let everything = json!({
        "uri": "",
        "match": "prefix",
        "allow": {"call": true, "register": true, "publish": true, "subscribe": true},
        "disclose": {"caller": false, "publisher": false},
        "cache": true,
    });
    let realm = json!({
        "name": REALM,
        "roles": [{"name": ROLE, "permissions": [everything]}],
    });
    let mut auth = auth.as_object().cloned().unwrap_or_default();
    let anonymous = json!({"type": "static", "role": ROLE});
    auth.insert("anonymous".to_owned(), anonymous);
    let websocket = json!({
        "type": "websocket",
        "endpoint": {"type": "tcp", "interface": "127.0.0.1", "port": port},
        "url": format!("ws://127.0.0.1:{port}/"),
        "serializers": ["json", "msgpack", "cbor"],
        "auth": auth,
    });
    let rawsocket = json!({
        "type": "rawsocket",
        "endpoint": {"type": "tcp", "interface": "127.0.0.1", "port": rawsocket},
        "serializers": ["json", "msgpack", "cbor"],
        "auth": auth,
    });
    json!({
        "version": 2,
        "controller": {},
        "workers": [{"type": "router", "realms": [realm], "transports": [websocket, rawsocket]}],
    })
}

/// The realm.
pub const REALM: &str = "realm1";
/// The role that everybody has.
pub const ROLE: &str = "anonymous";

/// What its log says when everything in the configuration is there.
const READY: &str = "NODE_BOOT_COMPLETE";
/// Somebody else may have taken the port meanwhile.
const ATTEMPTS: usize = 3;
/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
