//! Runs a scenario on a server, in a process of its own each time.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::load::{self, Calls, FanOut, Figures, Idle, PublishWith, Serializer, Timing};
use crate::machine::Cores;
use crate::process::ServerProcess;
use crate::scenario::{Load, Scenario};
use crate::servers::Server;

/// How everything is run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Where; anywhere if `None`.
    pub cores: Option<Cores>,
    /// For how long.
    pub timing: Timing,
    /// How often; the median by calls per second is reported.
    pub runs: usize,
    /// How publishers publish.
    pub publish_with: PublishWith,
    /// How many files may be open.
    pub open_files: usize,
}

/// What was measured: a row of a table.
#[derive(Debug)]
pub struct Row {
    /// The server.
    pub server: Server,
    /// What was called, where that differs from row to row.
    pub procedure: Option<&'static str>,
    /// The numbers.
    pub outcome: Outcome,
}

/// The numbers of a row.
#[derive(Debug)]
pub enum Outcome {
    /// Of calls.
    Calls(Figures),
    /// Of events.
    FanOut(Figures),
    /// Of idle sessions.
    Idle(Idle),
}

impl Settings {
    /// The rows of `server` in the table of `scenario`, which has to suit it.
    pub fn run(&self, server: Server, scenario: &Scenario) -> Result<Vec<Row>> {
        let row = |outcome| Row {
            server,
            procedure: None,
            outcome,
        };
        Ok(match scenario.load {
            Load::Calls(calls, serializer) => vec![row(self.calls(server, calls, serializer)?)],
            Load::Handlers(all) => {
                let mut rows = Vec::new();
                for &calls in all {
                    let procedure = Some(calls.procedure.name());
                    let outcome = self.calls(server, calls, Serializer::Json)?;
                    rows.push(Row {
                        server,
                        procedure,
                        outcome,
                    });
                }
                rows
            }
            Load::FanOut(fan_out) => vec![row(self.fan_out(server, fan_out)?)],
            Load::Idle { sessions } => vec![row(self.idle(server, sessions)?)],
        })
    }

    fn calls(&self, server: Server, calls: Calls, serializer: Serializer) -> Result<Outcome> {
        let dialect = server
            .dialect(serializer)
            .context("the server does not speak that")?;
        self.median(|| load::call(&self.start(server)?, dialect, calls, self.timing))
            .map(Outcome::Calls)
    }

    fn fan_out(&self, server: Server, fan_out: FanOut) -> Result<Outcome> {
        self.median(|| {
            load::fan_out(
                &self.start(server)?,
                fan_out,
                self.publish_with,
                self.timing,
            )
        })
        .map(Outcome::FanOut)
    }

    fn idle(&self, server: Server, sessions: usize) -> Result<Outcome> {
        const OTHER_FILES: usize = 100;
        const HOLD: Duration = Duration::from_secs(1);
        let dialect = server
            .dialect(Serializer::Json)
            .context("the server does not speak JSON")?;
        let sessions = sessions.min(self.open_files.saturating_sub(OTHER_FILES));
        load::idle(&self.start(server)?, dialect, sessions, HOLD).map(Outcome::Idle)
    }

    fn start(&self, server: Server) -> Result<ServerProcess> {
        ServerProcess::start(server, self.cores.map(|cores| cores.server))
    }

    /// Runs several times. A run with anything bad counts as it is, so that it is seen.
    fn median(&self, run: impl Fn() -> Result<Figures>) -> Result<Figures> {
        let mut all = Vec::new();
        for _ in 0..self.runs.max(1) {
            let figures = run()?;
            if figures.bad > 0 {
                return Ok(figures);
            }
            all.push(figures);
        }
        all.sort_by(|a, b| a.per_second().total_cmp(&b.per_second()));
        let middle = all.len() / 2;
        all.into_iter().nth(middle).context("nothing was run")
    }
}
