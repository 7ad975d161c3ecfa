//! All that was measured in one run, by scenario and server.

use crate::load::{Figures, Idle};
use crate::run::{Outcome, Row};
use crate::scenario::Scenario;
use crate::servers::Server;

/// Rows under the names of their scenarios.
#[derive(Debug, Default)]
pub struct Results(Vec<(&'static str, Row)>);

impl Results {
    /// Adds a row.
    pub fn push(&mut self, scenario: &'static str, row: Row) {
        self.0.push((scenario, row));
    }

    /// The rows of a scenario.
    pub fn rows(&self, scenario: &str) -> impl Iterator<Item = &Row> {
        self.0
            .iter()
            .filter(move |(name, _)| *name == scenario)
            .map(|(_, row)| row)
    }

    /// Figures of calls or events.
    pub fn figures(&self, scenario: &str, who: impl Fn(Server) -> bool) -> Option<&Figures> {
        self.rows(scenario)
            .filter(|row| who(row.server))
            .find_map(Row::figures)
    }

    /// Figures of calls of a procedure, where a scenario has several.
    pub fn procedure(&self, scenario: &str, procedure: &str) -> Option<&Figures> {
        self.rows(scenario)
            .find(|row| row.variant.as_deref() == Some(procedure))?
            .figures()
    }

    /// Figures of idle sessions.
    pub fn idle(&self, scenario: &str, who: impl Fn(Server) -> bool) -> Option<&Idle> {
        self.rows(scenario)
            .filter(|row| who(row.server))
            .find_map(|row| match &row.outcome {
                Outcome::Idle(idle) => Some(idle),
                Outcome::Calls(_) | Outcome::FanOut(_) | Outcome::Missing => None,
            })
    }

    /// Rows in which neither the server nor the load generator had its core for itself, though there
    /// was work for both.
    pub fn disturbed(&self, scenario: &Scenario) -> impl Iterator<Item = &'static str> {
        const BUSY: f64 = 0.9;
        let saturates = scenario.load.saturates();
        self.rows(scenario.name)
            .filter(move |_| saturates)
            .filter_map(|row| {
                let figures = row.figures()?;
                (figures.server_share()? < BUSY && figures.load_share()? < BUSY)
                    .then(|| row.server.name())
            })
    }

    /// The first wrong answer of every row that has any.
    pub fn bad(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|(scenario, row)| {
            let figures = row.figures().filter(|figures| figures.bad > 0)?;
            let first = figures.first_bad.as_deref().unwrap_or("unknown");
            Some(format!(
                "{scenario}, {}: {} bad, the first: {first}",
                row.server.name(),
                figures.bad
            ))
        })
    }
}

impl Row {
    /// Figures of calls or events.
    pub fn figures(&self) -> Option<&Figures> {
        match &self.outcome {
            Outcome::Calls(figures) | Outcome::FanOut(figures) => Some(figures),
            Outcome::Idle(_) | Outcome::Missing => None,
        }
    }
}
