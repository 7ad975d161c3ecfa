//! Server processes: started, looked at from outside, ended.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::family::Family;
use crate::servers::Server;

/// A server in a child process, which is ended when this is dropped. What it uses is what it and
/// all that it has started use.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    address: SocketAddr,
}

impl ServerProcess {
    /// Starts this program again, as a server; `crossbar` is where Crossbar.io is.
    pub fn start(server: Server, core: Option<usize>, crossbar: &Path) -> Result<Self> {
        let program = std::env::current_exe().context("cannot tell which program this is")?;
        let mut command = Command::new(program);
        command.arg("--serve").arg(server.name());
        command.arg("--crossbar").arg(crossbar);
        if let Some(core) = core {
            command.arg("--core").arg(core.to_string());
        }
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server process")?;
        let mut process = Self {
            child,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        };
        let port = process
            .port()
            .with_context(|| format!("the server {} did not start", server.name()))?;
        process.address.set_port(port);
        Ok(process)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// CPU time it has used, in user space and in the kernel.
    pub fn cpu_time(&self) -> Option<Duration> {
        self.family().cpu_time()
    }

    /// Memory it has resident, in KiB.
    pub fn rss(&self) -> Option<u64> {
        self.family().rss()
    }

    /// The most memory it had resident, in KiB.
    pub fn peak_rss(&self) -> Option<u64> {
        self.family().peak_rss()
    }

    fn family(&self) -> Family {
        Family::of(self.child.id())
    }

    /// Waits for the child to print its port.
    fn port(&mut self) -> Result<u16> {
        let stdout = self
            .child
            .stdout
            .take()
            .context("it has no standard output")?;
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(stdout).read_line(&mut line).map(|_| line);
            sender.send(read).ok(); // nobody waits any longer
        });
        let line = receiver
            .recv_timeout(START)
            .context("it does not print its port")??;
        line.trim()
            .parse()
            .with_context(|| format!("it prints {line:?} instead of its port"))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It ends when its standard input does, and first ends what it has started itself.
        end(&mut self.child, |child| drop(child.stdin.take()));
    }
}

/// In the child: ends the process when the parent is gone, and with it the other end of the pipe.
pub fn end_with_parent() {
    thread::spawn(|| {
        let mut byte = [0];
        let _ = std::io::stdin().read(&mut byte);
        std::process::exit(0);
    });
}

/// Ends a child: asks it, waits for a while, then does not ask any more.
pub fn end(child: &mut Child, ask: impl FnOnce(&mut Child)) {
    ask(child);
    let deadline = Instant::now() + PATIENCE;
    while let Ok(None) = child.try_wait() {
        if Instant::now() > deadline {
            // Fails only if it has ended meanwhile.
            child.kill().ok();
            child.wait().ok();
            return;
        }
        thread::sleep(OFTEN);
    }
}

/// How long a process may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(10);
const OFTEN: Duration = Duration::from_millis(5);
/// How long one may take to start: more than the slowest allows itself.
const START: Duration = Duration::from_secs(70);
