//! Tables of what goes from clients to clients. Routers differ so much that their own speed, which
//! is what they do in a second of CPU time, says more than what came through.

use super::{Table, decimal, grouped, mebibytes, ratio};
use crate::load::Figures;
use crate::results::Results;
use crate::run::Row;
use crate::servers::Server;

/// Whatever `thing` is counted: calls, deliveries.
pub fn table(thing: &str, scenario: &str, rows: &[&Row], results: &Results) -> Table {
    let crossbar = results
        .figures(scenario, |server| server == Server::Crossbar)
        .and_then(Figures::per_second_of_cpu);
    let counted = [format!("{thing}/s"), format!("{thing}/s of CPU")];
    let [per_second, per_second_of_cpu] = counted.each_ref();
    let mut table = Table::new(&[
        "server",
        per_second,
        per_second_of_cpu,
        "x crossbar",
        "p50 us",
        "p90 us",
        "p99 us",
        "CPU us each",
        "peak RSS MiB",
        "server CPU",
        "load CPU",
        "bad",
    ]);
    for (row, figures) in rows.iter().filter_map(|row| Some((row, row.figures()?))) {
        let of_cpu = figures.per_second_of_cpu();
        table.push([
            row.server.name().to_owned(),
            grouped(figures.per_second()),
            of_cpu.map_or_else(|| "-".to_owned(), grouped),
            ratio(of_cpu, crossbar),
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

/// Speeds beside others, compared with the server's first row.
pub fn crowded(thing: &str, rows: &[&Row]) -> Table {
    let counted = [format!("{thing}/s"), format!("{thing}/s of CPU")];
    let [per_second, per_second_of_cpu] = counted.each_ref();
    let mut table = Table::new(&[
        "server",
        "beside",
        per_second,
        per_second_of_cpu,
        "x first",
        "p50 us",
        "p99 us",
        "CPU us each",
        "peak RSS MiB",
        "server CPU",
        "load CPU",
        "bad",
    ]);
    for (row, figures) in rows.iter().filter_map(|row| Some((row, row.figures()?))) {
        let of_cpu = figures.per_second_of_cpu();
        let mut own = rows.iter().filter(|other| other.server == row.server);
        let first = own.find_map(|row| row.figures());
        table.push([
            row.server.name().to_owned(),
            row.variant.clone().unwrap_or_default(),
            grouped(figures.per_second()),
            of_cpu.map_or_else(|| "-".to_owned(), grouped),
            ratio(of_cpu, first.and_then(Figures::per_second_of_cpu)),
            grouped(figures.quantile(0.5)),
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
