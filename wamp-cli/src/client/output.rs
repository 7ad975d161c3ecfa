//! Results, on stdout: a line at once, and quietly no more when nobody reads.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};

use super::failure::ClientFailure;

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// For machines, as they were asked for.
    pub(crate) json: bool,
    is_terminal: bool,
}

impl Output {
    /// `json`: whether it was asked for.
    pub(crate) fn new(json: bool) -> Self {
        Self {
            json,
            is_terminal: io::stdout().is_terminal(),
        }
    }

    /// Whether people read it as it comes.
    pub(crate) fn is_for_people(self) -> bool {
        self.is_terminal && !self.json
    }

    /// Writes a line, and has it go out at once.
    ///
    /// # Errors
    ///
    /// When that is impossible; [`ClientFailure::Unread`] if nobody is there to read.
    pub(crate) fn line(self, text: &str) -> Result<(), ClientFailure> {
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// Writes something that need not be text.
    ///
    /// # Errors
    ///
    /// As for a line.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<(), ClientFailure> {
        let mut out = io::stdout().lock();
        let written = out.write_all(bytes).and_then(|()| out.flush());
        written.map_err(|error| ClientFailure::io("stdout cannot be written to", &error))
    }
}

/// Writes where others must not wait for whoever reads, or does not. When this is dropped, what is being written stays so.
///
/// # Errors
///
/// Those of what is done.
pub(crate) async fn aside<F>(write: F) -> Result<(), ClientFailure>
where
    F: FnOnce() -> Result<(), ClientFailure> + Send + 'static,
{
    let written = tokio::task::spawn_blocking(write).await;
    written.unwrap_or_else(|error| Err(ClientFailure::Other(error.to_string())))
}

/// Tells people something on stderr, if anybody listens there.
pub(crate) fn note(text: impl fmt::Display) {
    // Whoever has closed stderr does not want to know.
    let _ = writeln!(io::stderr().lock(), "wamp: {text}");
}
