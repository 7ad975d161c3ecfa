//! One command that needs a router, from its beginning to its end.

use std::io;
use std::sync::OnceLock;

use tokio_util::sync::CancellationToken;

use super::failure::ClientFailure;
use super::output::Output;
use crate::exit::Failure;

/// The exit code of a process that was told to stop twice.
const INTERRUPTED: i32 = 130;

/// Runs a command; with `--json`, a failure is told on stdout, too.
///
/// # Errors
///
/// Those of the command.
pub(crate) fn run(
    output: Output,
    command: impl Future<Output = Result<(), ClientFailure>>,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::other("the command cannot start", error))?;
    let done = runtime.block_on(command);
    let told = match &done {
        // While there is still somebody who hears signals: it may take long until this is read.
        Err(failure) if output.json && !matches!(failure, ClientFailure::Unread) => {
            output.line(&failure.json())
        }
        _ => Ok(()),
    };
    // Somebody may still read stdin, or write to stdout.
    runtime.shutdown_background();
    told?;
    Ok(done?)
}

/// Ready when the command has been told to stop: Ctrl-C, or SIGTERM. Until this is waited for the first time, signals end the process as
/// they do without anybody who hears them: while stdin is read, for example.
pub(crate) async fn stopped() {
    static STOP: OnceLock<CancellationToken> = OnceLock::new();

    let stop = STOP.get_or_init(|| {
        let stop = CancellationToken::new();
        // At once, not when the task below has its turn.
        match Signals::begin() {
            Ok(signals) => drop(tokio::spawn(obey(signals, stop.clone()))),
            Err(error) => tracing::warn!(%error, "signals cannot be heard"),
        }
        stop
    });
    stop.cancelled().await;
}

/// What comes of it, unless the command is told to stop before.
///
/// # Errors
///
/// That it was, or those of what is done.
pub(crate) async fn unless_stopped<T, E: Into<ClientFailure>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, ClientFailure> {
    tokio::select! {
        done = work => done.map_err(Into::into),
        () = stopped() => Err(ClientFailure::Interrupted),
    }
}

async fn obey(mut signals: Signals, stop: CancellationToken) {
    signals.next().await;
    stop.cancel();
    // Whoever says it again does not want to wait, for somebody who does not read stdout, say.
    signals.next().await;
    std::process::exit(INTERRUPTED);
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn begin() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn begin() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
