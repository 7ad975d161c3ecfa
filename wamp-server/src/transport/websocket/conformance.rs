//! The cases of the Autobahn test suite, against this transport with an echo in the place of a session.
//!
//! They are run by `kosoku`, a reimplementation of the suite, which is installed from PyPI into `peers/kosoku` in the target
//! directory. Where that cannot be done the test is skipped with a word on stderr, unless the variable `CI` is set.
//!
//! `conformance.txt` says what is expected of each case: the behaviour, and that of the closing. `NON-STRICT` is right but late: text
//! that is not UTF-8 is refused when the message is complete. Compression (12.*, 13.*) is not offered.

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use http::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use hyper::service::Service as _;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use wamp_proto::codec::Format;

use super::*;
use crate::App;
use crate::app::Server;

/// Requests for this path get an echo.
pub(super) const PATH: &str = "/echo";

const KOSOKU: &str = "kosoku==0.1.0";
const EXPECTED: &str = include_str!("conformance.txt");

/// Sends every message back, until there are no more.
pub(super) async fn echo<S>(mut websocket: WebSocket<S>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    websocket.opened();
    let close = std::future::poll_fn(|cx| {
        loop {
            if let Err(failure) = ready!(websocket.poll_flush(cx)) {
                return Poll::Ready(failure.close());
            }
            let (message, binary) = match ready!(websocket.poll_message(cx)) {
                Some(Ok(received)) => received,
                Some(Err(failure)) => return Poll::Ready(failure.close()),
                None => return Poll::Ready(Close::Normal),
            };
            websocket.subprotocol.format = if binary { Format::Cbor } else { Format::Json };
            if let Err(failure) = websocket.send(message) {
                return Poll::Ready(failure.close());
            }
        }
    });
    let close = close.await;
    let closed = std::future::poll_fn(|cx| websocket.poll_close(cx, close));
    let _ = tokio::time::timeout(Duration::from_secs(1), closed).await;
}

/// The suite knows no subprotocols, so this pretends that it has asked for one.
async fn serve(server: Server, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let service = server.service();
        let service =
            hyper::service::service_fn(move |mut request: http::Request<hyper::body::Incoming>| {
                let protocol = HeaderValue::from_static("wamp.2.json");
                request
                    .headers_mut()
                    .insert(SEC_WEBSOCKET_PROTOCOL, protocol);
                *request.uri_mut() = http::Uri::from_static(PATH);
                let answer = service.call(request);
                async {
                    let mut response = answer.await?;
                    response.headers_mut().remove(SEC_WEBSOCKET_PROTOCOL);
                    Ok::<_, std::convert::Infallible>(response)
                }
            });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        server.track(async {
            let _ = connection.await;
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_websocket_conformance_suite_passes() {
    let directory = match set_up() {
        Ok(directory) => directory,
        Err(error) if std::env::var_os("CI").is_some() => {
            panic!("kosoku cannot be set up: {error}")
        }
        Err(error) => {
            eprintln!("SKIPPED: kosoku cannot be set up: {error}");
            return;
        }
    };
    let limits = Limits {
        max_message: 16 * 1024 * 1024,
        max_without_message: 40 * 1024 * 1024,
        control_frames_per_second: 1_000_000,
        control_frames_burst: 1_000_000,
        ..Limits::default()
    };
    let server = App::empty().limits(limits).build().expect("no mistakes");
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("loopback exists");
    let address = listener.local_addr().expect("it is bound").to_string();
    let serving = tokio::spawn(serve(server, listener));

    let reports = directory.join("reports");
    let _ = fs::remove_dir_all(&reports);
    let mut kosoku = tokio::process::Command::new(program(&directory, "kosoku"));
    kosoku.args([
        "-m",
        "fuzzingclient",
        "-x",
        "12.*",
        "-x",
        "13.*",
        "-p",
        "4",
        "-o",
    ]);
    let run = kosoku
        .arg(&reports)
        .arg(address)
        .kill_on_drop(true)
        .output();
    let run = tokio::time::timeout(Duration::from_secs(300), run).await;
    let output = run.expect("it ends").expect("it is installed");
    serving.abort();

    let found = summary(&reports).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let differences = found
        .lines()
        .zip(EXPECTED.lines())
        .filter(|(found, expected)| found != expected);
    for (found, expected) in differences {
        eprintln!("expected {expected}, found {found}");
    }
    assert!(
        found == EXPECTED,
        "the behaviour has changed; if for the better, {}/found.txt is new",
        reports.display()
    );
}

/// What came out, a case on each line.
fn summary(reports: &Path) -> Result<String, Box<dyn Error>> {
    let index = fs::read(reports.join("index.json"))?;
    let index: serde_json::Value = serde_json::from_slice(&index)?;
    let agents = index.as_object().ok_or("not an object")?;
    let cases = agents
        .values()
        .next()
        .and_then(|it| it.as_object())
        .ok_or("no agent")?;
    let mut cases = cases.iter().collect::<Vec<_>>();
    cases.sort_by_key(|(name, _)| {
        name.split('.')
            .map(|it| it.parse().unwrap_or(0))
            .collect::<Vec<u32>>()
    });
    let mut found = String::new();
    for (name, case) in cases {
        let word = |key: &str| {
            case.get(key)
                .and_then(|it| it.as_str())
                .unwrap_or("?")
                .to_owned()
        };
        writeln!(
            found,
            "{name} {} {}",
            word("behavior"),
            word("behaviorClose")
        )?;
    }
    fs::write(reports.join("found.txt"), &found)?;
    Ok(found)
}

/// Installs the suite, once.
fn set_up() -> Result<PathBuf, Box<dyn Error>> {
    let program_of_test = std::env::current_exe()?;
    let target = program_of_test
        .ancestors()
        .nth(3)
        .ok_or("there is no target directory")?;
    let directory = target.join("peers").join("kosoku");
    let stamp = directory.join("installed.txt");
    fs::create_dir_all(&directory)?;
    // Held until it is dropped; whoever comes second finds the stamp.
    let lock = File::create(directory.join("lock"))?;
    lock.lock()?;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == KOSOKU) {
        return Ok(directory);
    }
    let python = if cfg!(windows) { "python" } else { "python3" };
    let venv = directory.join("venv");
    succeed(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(venv),
    )?;
    let mut pip = Command::new(program(&directory, "python"));
    succeed(pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        KOSOKU,
    ]))?;
    fs::write(stamp, KOSOKU)?;
    Ok(directory)
}

fn program(directory: &Path, name: &str) -> PathBuf {
    let programs = if cfg!(windows) { "Scripts" } else { "bin" };
    directory.join("venv").join(programs).join(name)
}

fn succeed(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
}
