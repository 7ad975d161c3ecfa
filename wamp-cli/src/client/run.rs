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
    // Somebody may still read stdin.
    runtime.shutdown_background();
    let Err(failure) = done else {
        return Ok(());
    };
    if output.json && !matches!(failure, ClientFailure::Unread) {
        output.line(&failure.json())?;
    }
    Err(failure.into())
}

/// Ready when the command has been told to stop: Ctrl-C, or SIGTERM. Until this is waited for the first time, signals end the process as
/// they do without anybody who hears them: while stdin is read, for example.
pub(crate) async fn stopped() {
    static STOP: OnceLock<CancellationToken> = OnceLock::new();

    let stop = STOP.get_or_init(|| {
        let stop = CancellationToken::new();
        let told = stop.clone();
        tokio::spawn(async move {
            match signal().await {
                Ok(()) => told.cancel(),
                Err(error) => return tracing::warn!(%error, "signals cannot be heard"),
            }
            // Whoever says it again does not want to wait, for somebody who does not read stdout, say.
            if signal().await.is_ok() {
                std::process::exit(INTERRUPTED);
            }
        });
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

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
