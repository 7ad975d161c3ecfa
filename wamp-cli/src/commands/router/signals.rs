//! What the system says to a router that runs.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// End in good order.
    Stop,
    /// Read the configuration again.
    Reload,
}

/// SIGTERM and SIGINT, and SIGHUP where there is a file to be read again; without one it ends the router like any other program.
#[cfg(unix)]
pub(super) struct Signals {
    terminate: Stream,
    interrupt: Stream,
    hangup: Option<Stream>,
}

#[cfg(unix)]
impl Signals {
    /// From now on they are heard.
    ///
    /// # Errors
    ///
    /// When the system does not allow it.
    pub(super) fn begin(reloads: bool) -> io::Result<Self> {
        let hangup = reloads.then(|| signal(SignalKind::hangup()));
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: hangup.transpose()?,
        })
    }

    pub(super) async fn next(&mut self) -> Signal {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.interrupt.recv() => Signal::Stop,
            () = hangup => Signal::Reload,
        }
    }
}

/// Ctrl-C: there are no others here.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// From now on they are heard.
    ///
    /// # Errors
    ///
    /// None here.
    pub(super) fn begin(_reloads: bool) -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> Signal {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "Ctrl-C cannot be heard");
            std::future::pending::<()>().await;
        }
        Signal::Stop
    }
}
