//! Server processes: started, looked at from outside, ended.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::servers::Server;

/// A server in a child process, which is ended when this is dropped.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    address: SocketAddr,
}

impl ServerProcess {
    /// Starts this program again, as a server.
    pub fn start(server: Server, core: Option<usize>) -> Result<Self> {
        let program = std::env::current_exe().context("cannot tell which program this is")?;
        let mut command = Command::new(program);
        command.arg("--serve").arg(server.name());
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
        cpu_time(&self.child.id().to_string())
    }

    /// Memory it has resident, in KiB.
    pub fn rss(&self) -> Option<u64> {
        status(self.child.id(), "VmRSS:")
    }

    /// The most memory it had resident, in KiB.
    pub fn peak_rss(&self) -> Option<u64> {
        status(self.child.id(), "VmHWM:")
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
            .recv_timeout(Duration::from_secs(10))
            .context("it does not print its port")??;
        line.trim()
            .parse()
            .with_context(|| format!("it prints {line:?} instead of its port"))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Fails only if it has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
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

/// CPU time this process has used.
pub fn own_cpu_time() -> Option<Duration> {
    cpu_time("self")
}

#[cfg(target_os = "linux")]
fn cpu_time(process: &str) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything; utime and stime are the 12th and 13th field after it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    let ticks_per_second = rustix::param::clock_ticks_per_second().max(1);
    Some(Duration::from_secs(user + system).div_f64(ticks_per_second as f64))
}

#[cfg(not(target_os = "linux"))]
fn cpu_time(_process: &str) -> Option<Duration> {
    None
}

/// A line of `/proc/<pid>/status` that gives KiB; `None` where there is no such file.
fn status(process: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
