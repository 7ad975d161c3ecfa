//! Crossbar.io, a router in Python. It is started by a process of this program, which is there to
//! end it when the load generator is gone, however that went.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::load::{Dialect, Serializer, Talk};
use crate::process;

/// Where it is found unless the command line says otherwise: where the project's tests install it.
pub fn usual_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers/crossbar/venv/bin/crossbar")
}

/// Serves until standard input ends. Prints the port on standard output first.
pub fn serve(program: &Path) -> Result<()> {
    let mut crossbar = Crossbar::start(program)?;
    crossbar.wait_until_ready()?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", crossbar.address.port()).context("cannot print the port")?;
    stdout.flush().context("cannot print the port")?;
    let _ = std::io::stdin().read(&mut [0]); // an error is an end, too
    Ok(())
}

/// Its processes, which are ended when this is dropped.
struct Crossbar {
    child: Child,
    address: SocketAddr,
    directory: TempDir,
}

impl Crossbar {
    fn start(program: &Path) -> Result<Self> {
        let directory = TempDir::with_prefix("wamp-bench-crossbar-")
            .context("cannot make a directory for Crossbar.io")?;
        let address = free_address()?;
        let config = config(address.port()).to_string();
        fs::write(directory.path().join("config.json"), config)?;
        let log = File::create(directory.path().join(LOG))?;
        let child = Command::new(program)
            .args(["start", "--loglevel", "warn", "--color", "false", "--cbdir"])
            .arg(directory.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self {
            child,
            address,
            directory,
        })
    }

    /// Waits until a session can be opened.
    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + START;
        while let Err(error) = Talk::open(self.address, Dialect::Wamp(Serializer::Json)) {
            if let Some(status) = self.child.try_wait()? {
                bail!("Crossbar.io ended, {status}:\n{}", self.log());
            }
            if Instant::now() > deadline {
                bail!("Crossbar.io opens no session, {error:#}:\n{}", self.log());
            }
            thread::sleep(OFTEN);
        }
        Ok(())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join(LOG)).unwrap_or_default()
    }
}

impl Drop for Crossbar {
    fn drop(&mut self) {
        process::end(&mut self.child, ask_to_end);
    }
}

/// Its other processes end with the first one.
#[cfg(unix)]
fn ask_to_end(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process};

    if let Ok(Some(pid)) = i32::try_from(child.id()).map(Pid::from_raw) {
        kill_process(pid, Signal::TERM).ok(); // fails only if it has ended already
    }
}

/// Its other processes end with the first one.
#[cfg(not(unix))]
fn ask_to_end(child: &mut Child) {
    child.kill().ok(); // fails only if it has ended already
}

/// An address that was free a moment ago: Crossbar.io does not say which one it would choose.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("there is no free port")?;
    listener.local_addr().context("a listener has an address")
}

/// One realm, in which everybody may do everything, at one plain listener.
fn config(port: u16) -> Value {
    json!({
        "version": 2,
        "controller": {},
        "workers": [{
            "type": "router",
            "realms": [{
                "name": "realm1",
                "roles": [{
                    "name": "anonymous",
                    "permissions": [{
                        "uri": "",
                        "match": "prefix",
                        "allow": {"call": true, "register": true, "publish": true, "subscribe": true},
                        "disclose": {"caller": false, "publisher": false},
                        "cache": true,
                    }],
                }],
            }],
            "transports": [{
                "type": "websocket",
                "endpoint": {"type": "tcp", "interface": "127.0.0.1", "port": port, "backlog": 1024},
                "url": format!("ws://127.0.0.1:{port}/"),
                "serializers": ["json", "msgpack", "cbor"],
                "auth": {"anonymous": {"type": "static", "role": "anonymous"}},
            }],
        }],
    })
}

const LOG: &str = "crossbar.log";
/// How long it may take to start: a machine that has just installed it has to compile it first.
const START: Duration = Duration::from_secs(60);
const OFTEN: Duration = Duration::from_millis(50);
