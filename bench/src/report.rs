//! Tables, in Markdown that is aligned for reading as it is.

mod routers;

use std::fmt::Write;

use crate::load::{Figures, Idle};
use crate::results::Results;
use crate::run::{Outcome, Row};
use crate::scenario::{Load, Scenario};
use crate::servers::Server;

/// The table of a scenario. Empty if nothing was measured.
pub fn table(scenario: &Scenario, results: &Results) -> String {
    let rows: Vec<&Row> = results.rows(scenario.name).collect();
    if rows.is_empty() {
        return String::new();
    }
    let mut table = match scenario.load {
        Load::Calls(..) | Load::Client(_) => calls(scenario.name, &rows, results),
        Load::Handlers(_) => handlers(scenario.name, &rows, results),
        Load::FanOut(fan_out) => fan_outs(&rows, fan_out.subscribers),
        Load::Idle { .. } => idles(&rows),
        Load::Routed(_) => routers::table("calls", scenario.name, &rows, results),
        Load::ClientFanOut(_) => routers::table("deliveries", scenario.name, &rows, results),
        Load::CrowdedCalls(..) => routers::crowded("calls", &rows),
        Load::CrowdedFanOut(..) => routers::crowded("deliveries", &rows),
    };
    for row in rows {
        if let Outcome::Missing = row.outcome {
            table.push([row.server.name().to_owned(), "not installed".to_owned()]);
        }
    }
    format!(
        "### {}: {}\n\n{}\n",
        scenario.name,
        scenario.title,
        table.render()
    )
}

fn calls(scenario: &str, rows: &[&Row], results: &Results) -> Table {
    let limit = results
        .figures(scenario, |server| server == Server::Limit)
        .map(Figures::per_second);
    let echo = results
        .figures(scenario, |server| server == Server::Echo)
        .and_then(Figures::cpu_per_call);
    let mut table = Table::new(&[
        "server",
        "calls/s",
        "x limit",
        "p50 us",
        "p90 us",
        "p99 us",
        "CPU us/call",
        "x echo",
        "peak RSS MiB",
        "server CPU",
        "load CPU",
        "bad",
    ]);
    for (row, figures) in rows.iter().filter_map(|row| Some((row, row.figures()?))) {
        table.push([
            row.server.name().to_owned(),
            grouped(figures.per_second()),
            ratio(Some(figures.per_second()), limit),
            grouped(figures.quantile(0.5)),
            grouped(figures.quantile(0.9)),
            grouped(figures.quantile(0.99)),
            decimal(figures.cpu_per_call()),
            ratio(figures.cpu_per_call(), echo),
            mebibytes(figures.peak_rss),
            decimal(figures.server_share()),
            decimal(figures.load_share()),
            figures.bad.to_string(),
        ]);
    }
    table
}

fn handlers(scenario: &str, rows: &[&Row], results: &Results) -> Table {
    let add2 = results
        .procedure(scenario, "add2")
        .and_then(Figures::cpu_per_call);
    let mut table = Table::new(&[
        "server",
        "procedure",
        "calls/s",
        "p50 us",
        "p90 us",
        "p99 us",
        "CPU us/call",
        "x add2",
        "peak RSS MiB",
        "server CPU",
        "load CPU",
        "bad",
    ]);
    for (row, figures) in rows.iter().filter_map(|row| Some((row, row.figures()?))) {
        table.push([
            row.server.name().to_owned(),
            row.variant.clone().unwrap_or_default(),
            grouped(figures.per_second()),
            grouped(figures.quantile(0.5)),
            grouped(figures.quantile(0.9)),
            grouped(figures.quantile(0.99)),
            decimal(figures.cpu_per_call()),
            ratio(figures.cpu_per_call(), add2),
            mebibytes(figures.peak_rss),
            decimal(figures.server_share()),
            decimal(figures.load_share()),
            figures.bad.to_string(),
        ]);
    }
    table
}

fn fan_outs(rows: &[&Row], subscribers: usize) -> Table {
    let mut table = Table::new(&[
        "server",
        "deliveries/s",
        "publications/s",
        "p50 us",
        "p90 us",
        "p99 us",
        "CPU us/delivery",
        "peak RSS MiB",
        "server CPU",
        "load CPU",
        "bad",
    ]);
    for (row, figures) in rows.iter().filter_map(|row| Some((row, row.figures()?))) {
        table.push([
            row.server.name().to_owned(),
            grouped(figures.per_second()),
            grouped(figures.per_second() / subscribers as f64),
            grouped(figures.quantile(0.5)),
            grouped(figures.quantile(0.9)),
            grouped(figures.quantile(0.99)),
            decimal(figures.cpu_per_call()),
            mebibytes(figures.peak_rss),
            decimal(figures.server_share()),
            decimal(figures.load_share()),
            figures.bad.to_string(),
        ]);
    }
    table
}

fn idles(rows: &[&Row]) -> Table {
    let mut table = Table::new(&[
        "server",
        "sessions",
        "KiB/session",
        "opened/s",
        "CPU us/session",
        "idle CPU",
    ]);
    for row in rows {
        let Outcome::Idle(idle) = &row.outcome else {
            continue;
        };
        let Idle {
            sessions,
            opening,
            rss_per_session,
            cpu_per_session,
            idle_share,
        } = *idle;
        table.push([
            row.server.name().to_owned(),
            grouped(sessions as f64),
            decimal(rss_per_session),
            grouped(sessions as f64 / opening.as_secs_f64()),
            decimal(cpu_per_session.map(|cpu| cpu.as_secs_f64() * 1e6)),
            decimal(idle_share),
        ]);
    }
    table
}

/// Text in columns: the first to the left, numbers to the right.
#[derive(Debug)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// A table that has a heading only.
    pub fn new(heading: &[&str]) -> Self {
        Self(vec![heading.iter().map(|&cell| cell.to_owned()).collect()])
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.0.len() < 2
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = String>) {
        self.0.push(row.into_iter().collect());
    }

    /// The whole as Markdown.
    pub fn render(&mut self) -> String {
        let columns = self.0.first().map_or(0, Vec::len);
        let width = |column: usize| {
            self.0
                .iter()
                .filter_map(|row| row.get(column))
                .map(String::len)
                .max()
        };
        let widths: Vec<usize> = (0..columns)
            .map(|column| width(column).unwrap_or(0).max(3))
            .collect();
        let mut text = String::new();
        for (number, row) in self.0.iter().enumerate() {
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                // Writing to a string does not fail.
                let _ = if column == 0 {
                    write!(text, "| {cell:<width$} ")
                } else {
                    write!(text, "| {cell:>width$} ")
                };
            }
            text.push_str("|\n");
            if number == 0 {
                for (column, &width) in widths.iter().enumerate() {
                    let dashes = "-".repeat(width);
                    let _ = if column == 0 {
                        write!(text, "| {dashes} ")
                    } else {
                        write!(text, "| {}: ", &dashes[1..])
                    };
                }
                text.push_str("|\n");
            }
        }
        text
    }
}

/// A ratio, or that there is none.
pub fn ratio(value: Option<f64>, to: Option<f64>) -> String {
    decimal(
        value
            .zip(to)
            .filter(|(_, to)| *to > 0.0)
            .map(|(value, to)| value / to),
    )
}

/// A number with two decimals, or that there is none.
pub fn decimal(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}

fn mebibytes(kibibytes: Option<u64>) -> String {
    kibibytes.map_or_else(
        || "-".to_owned(),
        |kibibytes| format!("{:.1}", kibibytes as f64 / 1024.0),
    )
}

/// A whole number with commas.
fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.max(0.0));
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
