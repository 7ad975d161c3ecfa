//! A program for one call.

use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

/// What is read of a program.
const MAX_OUTPUT: u64 = 16 << 20;

/// How a program ended.
pub(super) struct Ended {
    pub(super) stdout: Vec<u8>,
    /// If it was not with 0.
    pub(super) failure: Option<String>,
}

/// Runs a program to its end. Dropping this kills it, and what it has started.
///
/// # Errors
///
/// When it cannot be started, or what it writes has no end.
pub(super) async fn execute(command: &[String], input: &[u8]) -> Result<Ended, String> {
    let (program, arguments) = command.split_first().ok_or("there is no program")?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let child = command.spawn();
    let mut child = child.map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    let mut family = Family::of(&child);
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A program need not read it.
            let _ = stdin.write_all(input).await;
        }
    };
    let read = async {
        let mut bytes = Vec::new();
        if let Some(stdout) = stdout {
            let mut stdout = stdout.take(MAX_OUTPUT + 1);
            let length = stdout.read_to_end(&mut bytes).await;
            let length = length.map_err(|error| format!("`{program}` cannot be read: {error}"))?;
            if u64::try_from(length).is_ok_and(|it| it > MAX_OUTPUT) {
                return Err(format!(
                    "`{program}` has written more than {} MiB",
                    MAX_OUTPUT >> 20
                ));
            }
        }
        Ok(bytes)
    };
    let wait = async {
        let status = child.wait().await;
        status.map_err(|error| format!("`{program}` cannot be waited for: {error}"))
    };
    let (stdout, status) = {
        let all = async { tokio::try_join!(read, wait) };
        tokio::pin!(all);
        tokio::pin!(write);
        tokio::select! {
            biased;
            ended = &mut all => ended?,
            () = &mut write => all.await?,
        }
    };
    family.is_over = true;
    let failure = (!status.success()).then(|| format!("`{program}` has failed: {status}"));
    Ok(Ended { stdout, failure })
}

/// A program and what it has started.
struct Family {
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
    is_over: bool,
}

impl Family {
    #[cfg(unix)]
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|it| i32::try_from(it).ok());
        Self {
            group: id.and_then(rustix::process::Pid::from_raw),
            is_over: false,
        }
    }

    #[cfg(not(unix))]
    fn of(_: &Child) -> Self {
        Self { is_over: false }
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        #[cfg(unix)]
        if let Some(group) = self.group {
            // It fails when there is nobody left.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
