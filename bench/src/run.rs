//! Runs a scenario on a server, in a process of its own each time.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::load::{
    self, Calls, Crowd, Entry, FanOut, Figures, Idle, PublishWith, Routed, Serializer, Timing,
};
use crate::machine::Cores;
use crate::process::ServerProcess;
use crate::scenario::{Load, Scenario};
use crate::servers::Server;

/// How everything is run.
#[derive(Clone, Debug)]
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
    /// Where Crossbar.io is.
    pub crossbar: PathBuf,
}

/// What was measured: a row of a table.
#[derive(Debug)]
pub struct Row {
    /// The server.
    pub server: Server,
    /// What was called, or what there was beside, where that differs from row to row.
    pub variant: Option<String>,
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
    /// None: the server is not installed.
    Missing,
}

impl Settings {
    /// The rows of `server` in the table of `scenario`, which has to suit it.
    pub fn run(&self, server: Server, scenario: &Scenario) -> Result<Vec<Row>> {
        let row = |outcome| Row {
            server,
            variant: None,
            outcome,
        };
        if !server.is_installed(&self.crossbar) {
            return Ok(vec![row(Outcome::Missing)]);
        }
        Ok(match scenario.load {
            Load::Calls(calls, serializer) => vec![row(self.calls(server, calls, serializer)?)],
            Load::Client(calls) => vec![row(self.client(server, calls)?)],
            Load::Handlers(all) => {
                let mut rows = Vec::new();
                for &calls in all {
                    let variant = Some(calls.procedure.name().to_owned());
                    let outcome = self.calls(server, calls, Serializer::Json)?;
                    rows.push(Row {
                        server,
                        variant,
                        outcome,
                    });
                }
                rows
            }
            Load::FanOut(fan_out) => {
                vec![row(self.fan_out(server, fan_out, self.publish_with)?)]
            }
            Load::Routed(routed) => vec![row(self.routed(server, routed)?)],
            Load::ClientFanOut(fan_out) => {
                vec![row(self.fan_out(server, fan_out, PublishWith::Publish)?)]
            }
            Load::CrowdedCalls(routed, crowds) => {
                let run = |process: &_| load::routed(process, routed, self.timing);
                let crowded = |crowd| self.crowded(server, Entry::Registration, crowd, run);
                crowds.iter().map(crowded).collect::<Result<_>>()?
            }
            Load::CrowdedFanOut(fan_out, crowds) => {
                let with = PublishWith::Publish;
                let run = |process: &_| load::fan_out(process, fan_out, with, self.timing);
                let crowded = |crowd| self.crowded(server, Entry::Subscription, crowd, run);
                crowds.iter().map(crowded).collect::<Result<_>>()?
            }
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

    fn client(&self, server: Server, calls: Calls) -> Result<Outcome> {
        self.median(|| load::client(&self.start(server)?, calls, self.timing))
            .map(Outcome::Calls)
    }

    fn routed(&self, server: Server, routed: Routed) -> Result<Outcome> {
        self.median(|| load::routed(&self.start(server)?, routed, self.timing))
            .map(Outcome::Calls)
    }

    fn fan_out(&self, server: Server, fan_out: FanOut, with: PublishWith) -> Result<Outcome> {
        self.median(|| load::fan_out(&self.start(server)?, fan_out, with, self.timing))
            .map(Outcome::FanOut)
    }

    /// A run beside as many others as the server can be asked for.
    fn crowded(
        &self,
        server: Server,
        entry: Entry,
        crowd: &Crowd,
        run: impl Fn(&ServerProcess) -> Result<Figures>,
    ) -> Result<Row> {
        let size = crowd.size.min(server.largest_crowd());
        let crowd = Crowd { size, ..*crowd };
        let figures = self.median(|| {
            let process = self.start(server)?;
            let _sessions = crowd.gather(process.address(), entry)?;
            run(&process)
        })?;
        Ok(Row {
            server,
            variant: Some(crowd.name()),
            outcome: Outcome::Calls(figures),
        })
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
        let core = self.cores.map(|cores| cores.server);
        ServerProcess::start(server, core, &self.crossbar)
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
