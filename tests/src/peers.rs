//! Installs what others have written, once, into `peers` in the target directory: clients, and a router. The browser must be there.
//!
//! Versions are pinned; a stamp file says which are there, and a lock keeps test processes from doing the same work at once. What
//! cannot be installed is skipped with a word on stderr, unless the variable `CI` is set: there nothing may be missing.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command as StdCommand, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use tokio::process::Command;

use crate::program::profile_directory;

/// The newest of each when this was written.
const PYTHON_PACKAGES: [&str; 4] = [
    "autobahn[encryption,scram]==26.10.2",
    "cbor2==6.3.0",
    "msgpack==1.2.4",
    "wampproto==0.4.0",
];
/// In an environment of its own: it wants other versions of what clients use.
const CROSSBAR_PACKAGES: [&str; 1] = ["crossbar==26.10.1"];
const NODE_PACKAGES: [&str; 5] = [
    "autobahn@22.11.1",
    "playwright-core@1.65.1",
    "tweetnacl@1.0.3",
    "wampy@8.0.2",
    "ws@8.23.0",
];

/// A command that runs a script with autobahn for Python; `None` where it cannot be had.
pub fn python(script: &str) -> Option<Command> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let python = PYTHON.get_or_init(|| set_up("python", &PYTHON_PACKAGES, install_python));
    let mut command = Command::new(python_in(python.as_ref()?));
    command.arg(path_of(script));
    command.env("PYTHONDONTWRITEBYTECODE", "1"); // Scripts import each other; nothing is left behind.
    Some(command)
}

/// A command that runs Crossbar.io; `None` where it cannot be had.
pub fn crossbar() -> Option<Command> {
    static CROSSBAR: OnceLock<Option<PathBuf>> = OnceLock::new();
    let crossbar = CROSSBAR.get_or_init(|| set_up("crossbar", &CROSSBAR_PACKAGES, install_python));
    Some(Command::new(program_in(crossbar.as_ref()?, "crossbar")))
}

/// A command that runs a script with wampy.js, autobahn for JavaScript and Playwright; `None` where they cannot be had.
pub fn node(script: &str) -> Option<Command> {
    static NODE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let node = NODE.get_or_init(|| set_up("node", &NODE_PACKAGES, install_node));
    let mut command = Command::new("node");
    command.arg(path_of(script));
    command.env("NODE_PATH", node.as_ref()?.join("node_modules"));
    Some(command)
}

/// The path of a browser; `None` where there is none.
pub fn chromium() -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut paths = env::split_paths(&folders).map(|folder| folder.join("chromium"));
    let found = paths.find(|path| path.is_file());
    if found.is_none() {
        missing("there is no chromium");
    }
    found
}

fn path_of(script: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "foreign", script]
        .iter()
        .collect()
}

type Outcome = Result<(), Box<dyn Error>>;

/// The directory `peers/<name>` with these packages.
fn set_up(
    name: &str,
    packages: &[&str],
    install: fn(&Path, &[&str]) -> Outcome,
) -> Option<PathBuf> {
    let target = profile_directory().parent().map(Path::to_owned)?;
    let directory = target.join("peers").join(name);
    match set_up_once(&directory, packages, install) {
        Ok(()) => Some(directory),
        Err(error) => {
            missing(&format!(
                "what belongs into {} cannot be set up: {error}",
                directory.display()
            ));
            None
        }
    }
}

/// Says what is not tested. Where nothing may be missing, that is a failure.
fn missing(what: &str) {
    assert!(env::var_os("CI").is_none(), "{what}");
    // Not `eprintln!`: the harness hides what a test that passes prints.
    let _ = writeln!(io::stderr(), "SKIPPED: {what}");
}

fn set_up_once(
    directory: &Path,
    packages: &[&str],
    install: fn(&Path, &[&str]) -> Outcome,
) -> Outcome {
    let stamp = directory.join("installed.txt");
    let wanted = packages.join("\n");
    fs::create_dir_all(directory)?;
    // Held until it is dropped; whoever comes second finds the stamp.
    let lock = File::create(directory.join("lock"))?;
    lock.lock()?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install(directory, packages)?;
    fs::write(stamp, wanted)?;
    Ok(())
}

fn install_python(directory: &Path, packages: &[&str]) -> Outcome {
    let base = if cfg!(windows) { "python" } else { "python3" };
    succeed(
        StdCommand::new(base)
            .args(["-m", "venv", "--clear"])
            .arg(directory.join("venv")),
    )?;
    let mut pip = StdCommand::new(python_in(directory));
    succeed(
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(packages),
    )
}

fn python_in(directory: &Path) -> PathBuf {
    program_in(directory, "python")
}

/// A program of a Python environment.
fn program_in(directory: &Path, name: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    let program = directory.join("venv").join(folder).join(name);
    program.with_extension(env::consts::EXE_EXTENSION)
}

fn install_node(directory: &Path, packages: &[&str]) -> Outcome {
    fs::write(directory.join("package.json"), r#"{"private": true}"#)?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let options = [
        "install",
        "--save-exact",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ];
    succeed(
        StdCommand::new(npm)
            .args(options)
            .args(packages)
            .current_dir(directory),
    )
}

/// Runs a command; an error says what it was. One that takes too long is ended.
fn succeed(command: &mut StdCommand) -> Outcome {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let mut errors = child.stderr.take().ok_or("it has no standard error")?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut stderr = Vec::new();
        // Whatever ends it, there is no more.
        let _ = errors.read_to_end(&mut stderr);
        let _ = sender.send(stderr);
    });
    let Ok(stderr) = receiver.recv_timeout(PATIENCE) else {
        child.kill()?;
        child.wait()?;
        return Err(format!("{command:?}: not done after {PATIENCE:?}").into());
    };
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&stderr);
    Err(format!("{command:?}: {status}\n{stderr}").into())
}

/// Several times what the slowest of these takes on a small machine.
const PATIENCE: Duration = Duration::from_secs(600);
