//! Measures this project's server beside its peers and against the limit of the transport, all in
//! one run, since numbers of different runs cannot be compared.
//!
//! # Layout
//!
//! - [`scenario`]: what is measured
//! - [`servers`]: the rows: this project's server, peers, and two echoes as yardsticks
//! - [`load`]: the load generator
//! - [`process`], [`family`], [`machine`]: server processes, what they use, cores, limits
//! - [`run`], [`results`], [`report`], [`targets`]: from scenarios to tables

mod family;
mod load;
mod machine;
mod process;
mod report;
mod results;
mod run;
mod scenario;
mod servers;
mod targets;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;

use crate::load::{PublishWith, Timing};
use crate::results::Results;
use crate::run::Settings;
use crate::scenario::SCENARIOS;
use crate::servers::Server;

/// Measures wamp-server beside its peers, each server on one core and the load generator on another.
#[derive(Debug, Parser)]
struct Arguments {
    /// Scenarios, by name or by the beginning of one: latency, add2-json, one-connection, one-client, add2-msgpack, add2-cbor,
    /// unbatched, echo-1k, echo-64k, fan-out-100, fan-out-1000, idle, handlers, routed-latency,
    /// routed-json, routed-msgpack, routed-mixed, routed-8-callees, routed-shared, routed-echo-1k,
    /// client-fan-out-100, client-fan-out-1000, crowded-calls, crowded-fan-out [default: all].
    scenarios: Vec<String>,

    /// Servers [default: all].
    #[arg(long, value_enum, value_delimiter = ',')]
    servers: Vec<Server>,

    /// Seconds measured in each run.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,

    /// Runs of which the median is reported.
    #[arg(long, default_value_t = 1)]
    runs: usize,

    /// Half a second for each run: to see that everything works.
    #[arg(long)]
    quick: bool,

    /// How events are published in fan-outs.
    #[arg(long, value_enum, default_value_t = PublishWith::Publish)]
    publish_with: PublishWith,

    /// Where the program `crossbar` of Crossbar.io is.
    #[arg(long, value_name = "PATH", default_value_os_t = servers::usual_path_of_crossbar())]
    crossbar: PathBuf,

    /// What the program does in a child process.
    #[arg(long, value_enum, hide = true)]
    serve: Option<Server>,

    /// Where it does that.
    #[arg(long, hide = true)]
    core: Option<usize>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    match arguments.serve {
        Some(server) => {
            if let Some(core) = arguments.core {
                machine::pin(core)?; // before the runtime counts the cores
            }
            server.serve(&arguments.crossbar)?;
            Ok(ExitCode::SUCCESS)
        }
        None => measure(&arguments),
    }
}

fn measure(arguments: &Arguments) -> Result<ExitCode> {
    let settings = settings(arguments)?;
    let mut results = Results::default();
    let mut failures = Vec::new();
    for scenario in scenario::choose(&arguments.scenarios) {
        let chosen = |server| arguments.servers.is_empty() || arguments.servers.contains(server);
        let suits = |server: &&Server| scenario.suits(**server);
        for &server in Server::all()
            .iter()
            .filter(|server| chosen(server))
            .filter(suits)
        {
            let there = server.is_installed(&settings.crossbar);
            let missing = if there { "" } else { " is not installed" };
            eprintln!("{}: {}{missing}", scenario.name, server.name());
            match settings.run(server, scenario) {
                Ok(rows) => rows
                    .into_iter()
                    .for_each(|row| results.push(scenario.name, row)),
                Err(error) => {
                    failures.push(format!("{}, {}: {error:#}", scenario.name, server.name()));
                }
            }
        }
        print!("{}", report::table(scenario, &results));
        let disturbed: Vec<_> = results.disturbed(scenario).collect();
        if !disturbed.is_empty() {
            println!(
                "DISTURBED, other programs used the cores: {}\n",
                disturbed.join(", ")
            );
        }
    }
    print!("{}", targets::table(&results));
    failures.extend(results.bad());
    for failure in &failures {
        println!("FAILED {failure}");
    }
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn settings(arguments: &Arguments) -> Result<Settings> {
    for name in &arguments.scenarios {
        if !SCENARIOS
            .iter()
            .any(|scenario| scenario.name.starts_with(name.as_str()))
        {
            anyhow::bail!("there is no scenario whose name begins with {name:?}");
        }
    }
    let (warm_up, measured) = if arguments.quick {
        (0.25, 0.5)
    } else {
        (1.0, arguments.seconds)
    };
    let timing = Timing {
        warm_up: Duration::from_secs_f64(warm_up),
        measured: Duration::try_from_secs_f64(measured)?.clamp(SHORTEST, LONGEST),
    };
    let open_files = machine::raise_open_files();
    let cores = machine::two_cores();
    match cores {
        Some(cores) => {
            machine::pin(cores.load)?;
            println!(
                "Servers on core {}, load generator on core {}.\n",
                cores.server, cores.load
            );
        }
        None => println!("Not pinned to cores: the numbers say little about a server alone.\n"),
    }
    let Arguments {
        runs, publish_with, ..
    } = *arguments;
    Ok(Settings {
        cores,
        timing,
        runs,
        publish_with,
        open_files,
        crossbar: arguments.crossbar.clone(),
    })
}

/// Bounds of the time measured.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(600);
