//! Starts a program, learns the address that it serves, and ends it.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::soon;

/// A program that serves an address; it ends when this is dropped.
#[derive(Debug)]
pub struct Program {
    /// Killed when it is dropped.
    child: Child,
    address: SocketAddr,
    /// What it writes after it has said where it listens.
    log: JoinHandle<String>,
}

impl Program {
    /// Starts an example on a free port, followed by these arguments.
    pub async fn example(name: &str, arguments: &[&str]) -> Self {
        Self::start(&example(name), arguments).await
    }

    /// Starts a program on a free port, followed by these arguments.
    pub async fn start(program: &Path, arguments: &[&str]) -> Self {
        let mut all = vec!["127.0.0.1:0"];
        all.extend_from_slice(arguments);
        Self::launch(program, &all).await
    }

    /// Has an example offer its functions at a router; its address is the router's.
    pub async fn joined(name: &str, router: SocketAddr, arguments: &[&str]) -> Self {
        let url = format!("ws://{router}/");
        let mut all = vec!["join", "--url", &url, "--realm", "realm1"];
        all.extend_from_slice(arguments);
        Self::launch(&example(name), &all).await
    }

    /// Runs an example that does not run for long: its exit code, and what it says on stderr.
    pub async fn fails(name: &str, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(example(name))
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = soon("a program to end", output).await;
        let output = output.expect("a program can be started");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().expect("it ends by itself"), text)
    }

    /// Tells it to stop, and waits until it has, without a failure.
    #[cfg(unix)]
    pub async fn stop(mut self) {
        let id = self.child.id().expect("it is running").to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(told.expect("there is `kill`").success());
        let ended = soon("a program to end", self.child.wait()).await;
        let ended = ended.expect("it can be waited for");
        assert!(ended.success(), "{ended}");
    }

    /// Starts a program that says an address when it is ready.
    async fn launch(program: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
        let stdout = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let address = soon("the address of a program", async {
            loop {
                let line = lines.next_line().await.expect("its output is readable");
                let line = line.expect("it says where it listens before it ends");
                eprintln!("{line}");
                if let Some(address) = address(&line) {
                    return address;
                }
            }
        })
        .await;
        // Read on, or the program would wait for room in the pipe.
        let log = tokio::spawn(async move {
            let mut log = String::new();
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("{line}");
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        Self {
            child,
            address,
            log,
        }
    }

    /// Ends it; what it has written since it listens.
    pub async fn end(mut self) -> String {
        soon("a program to end", self.child.kill())
            .await
            .expect("it was running");
        soon("the rest of a log", self.log)
            .await
            .expect("lines are read without panics")
    }

    /// The address that it serves.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The address in a line of a log, if it has one.
fn address(line: &str) -> Option<SocketAddr> {
    let mut words = line.split([' ', '=', '/']);
    words.find_map(|word| word.parse().ok())
}

/// The path of an example, which is built if it is not yet.
fn example(name: &str) -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| {
        let profile = profile_directory();
        build_examples(&profile);
        profile.join("examples")
    });
    directory
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION)
}

/// The directory that cargo built this test into, such as `target/debug`.
#[must_use]
pub fn profile_directory() -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a path");
    let profile = test.parent().and_then(Path::parent);
    profile
        .expect("cargo puts tests into `target/<profile>/deps`")
        .to_owned()
}

/// `cargo test --workspace` has built them, all but those with tests of their own, and others may not have; cargo knows. It is asked
/// for what `cargo test --workspace` builds, so that it has nothing to do twice.
fn build_examples(profile: &Path) {
    let target = profile.parent().expect("it is below the target directory");
    let profile = match profile.file_name().and_then(OsStr::to_str) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let built = std::process::Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--workspace", "--examples"])
        .args(["--profile", profile])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo can be started");
    assert!(built.success(), "the examples cannot be built");
}
