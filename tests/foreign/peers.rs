//! Installs the foreign clients, once, into `peers` in the target directory; the browser must be there.
//!
//! Versions are pinned; a stamp file says which are there, and a lock keeps test processes from doing the same work at once. What
//! cannot be installed is skipped with a word on stderr, unless the variable `CI` is set: there nothing may be missing.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command as StdCommand;
use std::sync::OnceLock;

use tokio::process::Command;
use wamp_tests::program::profile_directory;

/// The newest of each when this was written.
const PYTHON_PACKAGES: [&str; 4] = [
    "autobahn[encryption,scram]==26.10.2",
    "cbor2==6.3.0",
    "msgpack==1.2.4",
    "wampproto==0.4.0",
];
const NODE_PACKAGES: [&str; 5] = [
    "autobahn@22.11.1",
    "playwright-core@1.65.1",
    "tweetnacl@1.0.3",
    "wampy@8.0.2",
    "ws@8.23.0",
];

/// A command that runs a script with autobahn for Python; `None` where it cannot be had.
pub(crate) fn python(script: &str) -> Option<Command> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let python = PYTHON.get_or_init(|| set_up("python", &PYTHON_PACKAGES, install_python));
    let mut command = Command::new(python_in(python.as_ref()?));
    command.arg(path_of(script));
    command.env("PYTHONDONTWRITEBYTECODE", "1"); // Scripts import each other; nothing is left behind.
    Some(command)
}

/// A command that runs a script with wampy.js, autobahn for JavaScript and Playwright; `None` where they cannot be had.
pub(crate) fn node(script: &str) -> Option<Command> {
    static NODE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let node = NODE.get_or_init(|| set_up("node", &NODE_PACKAGES, install_node));
    let mut command = Command::new("node");
    command.arg(path_of(script));
    command.env("NODE_PATH", node.as_ref()?.join("node_modules"));
    Some(command)
}

/// The path of a browser; `None` where there is none.
pub(crate) fn chromium() -> Option<PathBuf> {
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
                "the foreign clients in {} cannot be set up: {error}",
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
    let program = if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    };
    directory.join("venv").join(program)
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

/// Runs a command; an error says what it was.
fn succeed(command: &mut StdCommand) -> Outcome {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}\n{stderr}", output.status).into())
}
