//! What `#[procedure]` costs a developer: the time that `cargo check` takes more, for each handler, than for plain functions.
//!
//! Generates two crates of many handlers in the target directory, one annotated and one not. Checks both from scratch, as after a
//! `cargo clean` of the crate; again with an unchanged file, as when something else in the crate was edited; and again after a
//! change of the last function. Prints all three. The limit is for the second, which is what the macro's expansion costs each time;
//! the other two contain rustc's work on the code that it makes.
//! Run it on a quiet machine:
//!
//! ```text
//! cargo run -p wamp-server --example check_cost
//! ```

#![allow(clippy::print_stdout, reason = "a program")]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fs};

const HANDLERS: u32 = 400;
/// The fastest of so many runs: whatever else the machine does makes them slower, never faster.
const RUNS: u32 = 5;
const LIMIT: Duration = Duration::from_millis(2);
/// Begins a text in the last function, which [`Start::Changed`] makes longer. What a procedural macro has made from code further down in the
/// file would be checked again, as rustc 1.95 takes it for changed when it has moved.
const CHANGING: &str = "changing";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let directory = target_directory()?.join("check-cost");
    let plain = generate(&directory, "plain", "")?;
    let annotated = generate(
        &directory,
        "annotated",
        "#[procedure(\"bench.handlerNUMBER\")]",
    )?;
    let scratch = compare("from scratch", &plain, &annotated, Start::Scratch)?;
    let touched = compare("unchanged", &plain, &annotated, Start::Touched)?;
    let changed = compare("after a change", &plain, &annotated, Start::Changed)?;
    println!(
        "each handler: {scratch:.2?} from scratch, {touched:.2?} unchanged (limit: {LIMIT:?}), {changed:.2?} after a change"
    );
    Ok(if touched > LIMIT {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What a check starts from.
#[derive(Clone, Copy, PartialEq)]
enum Start {
    Scratch,
    /// rustc's incremental cache, and the same text in a newer file.
    Touched,
    /// rustc's incremental cache, and a longer last function.
    Changed,
}

/// What each handler costs.
fn compare(
    when: &str,
    plain: &Path,
    annotated: &Path,
    start: Start,
) -> Result<Duration, Box<dyn Error>> {
    // Dependencies are checked before the clock starts, and so is what the incremental cache keeps.
    check(plain, start)?;
    check(annotated, start)?;
    let (mut fastest_plain, mut fastest_annotated) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        // In turn, so that a busy moment does not hit one of them alone.
        fastest_plain = fastest_plain.min(check(plain, start)?);
        fastest_annotated = fastest_annotated.min(check(annotated, start)?);
    }
    println!(
        "{when}: {HANDLERS} plain functions {fastest_plain:.2?}, {HANDLERS} handlers {fastest_annotated:.2?}"
    );
    Ok(fastest_annotated.saturating_sub(fastest_plain) / HANDLERS)
}

/// This program is `target/debug/examples/check_cost`.
fn target_directory() -> Result<PathBuf, Box<dyn Error>> {
    let program = env::current_exe()?;
    let target = program.ancestors().nth(3).ok_or("run it with cargo")?;
    Ok(target.to_owned())
}

fn generate(directory: &Path, name: &str, attribute: &str) -> Result<PathBuf, Box<dyn Error>> {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = directory.join(name);
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("Cargo.toml"), manifest(name, server))?;
    fs::write(package.join("src/lib.rs"), source(attribute)?)?;
    fs::copy(server.join("../Cargo.lock"), package.join("Cargo.lock"))?;
    Ok(package)
}

fn manifest(name: &str, server: &Path) -> String {
    let server = server.display();
    format!(
        r#"[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[dependencies]
wamp-server.path = "{server}"

[workspace]
"#
    )
}

/// Handlers with four parameters: one that the server supplies, a number, a text, and one with a default.
fn source(attribute: &str) -> Result<String, std::fmt::Error> {
    let mut source =
        "#![allow(dead_code, unused_imports)]\nuse wamp_server::{CallError, Session, procedure};\n"
            .to_owned();
    let arg = if attribute.is_empty() {
        ""
    } else {
        "#[arg(default = 10)] "
    };
    for number in 0..HANDLERS {
        let attribute = attribute.replace("NUMBER", &number.to_string());
        let text = if number == HANDLERS - 1 {
            CHANGING
        } else {
            "constant"
        };
        write!(
            source,
            "
/// Does nothing in particular.
{attribute}
async fn handler_{number}(session: &Session, id: u64, name: &str, {arg}limit: u32) -> Result<String, CallError> {{
    let _ = session;
    Ok(format!(\"{text} {{id}} {{name}} {{limit}}\"))
}}
"
        )?;
    }
    Ok(source)
}

fn check(package: &Path, start: Start) -> Result<Duration, Box<dyn Error>> {
    let path = package.join("src/lib.rs");
    let source = fs::read_to_string(&path)?;
    let source = match start {
        Start::Changed => source.replacen(CHANGING, &format!("{CHANGING}."), 1),
        Start::Scratch | Start::Touched => source,
    };
    fs::write(&path, source)?;
    let started = Instant::now();
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--quiet", "--offline", "--target-dir", "../target"])
        .current_dir(package)
        .env(
            "CARGO_INCREMENTAL",
            if start == Start::Scratch { "0" } else { "1" },
        )
        .status()?;
    let elapsed = started.elapsed();
    if !status.success() {
        return Err(format!("{} cannot be checked", package.display()).into());
    }
    Ok(elapsed)
}
