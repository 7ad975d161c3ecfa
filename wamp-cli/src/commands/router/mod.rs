//! `wamp router`: a router, out of the box or as a file says.
//!
//! - `listening`: sockets, and what they look like from outside. `signals`: what the system says meanwhile. `reload`: reading the file again.

mod listening;
mod reload;
mod signals;

use std::env;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::task::JoinSet;
use wamp_proto::message::Secret;
use wamp_server::CancellationToken;
use wamp_uri::Rule;

use self::listening::Bound;
use self::reload::Reloading;
use self::signals::{Signal, Signals};
use super::print;
use crate::config::{Config, ConfigError, Listener, Sources};
use crate::exit::Failure;

/// Run a router: clients offer procedures to each other and publish events for each other
///
/// Without any option it listens on 127.0.0.1:8080 and lets everybody do everything. Whatever name of a realm clients ask for then, they
/// meet in one: realms of their own are those of `--realm` or of the file. When it is ready it writes a line to stdout for each listener;
/// the log goes to stderr. SIGTERM and Ctrl-C let calls finish and say goodbye to all sessions, a second one does not.
/// SIGHUP reads permissions, principals and certificates again; connections go on.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// Where to listen, instead of what the file says: `host:port`, or `unix:` and a path; port 0 is a free one [env: WAMP_ROUTER_LISTEN]
    #[arg(long, value_name = "ADDR", value_delimiter = ',', value_parser = Listener::parse)]
    listen: Vec<Listener>,

    /// A realm to serve, and no others; what the file says of it holds, or of `*` [env: WAMP_ROUTER_REALM]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = realm)]
    realm: Vec<String>,

    /// A file in TOML with listeners, realms, principals, permissions and limits [env: WAMP_ROUTER_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Only check the configuration and all files that it names; tells of all mistakes
    #[arg(long)]
    check: bool,
}

const EXAMPLES: &str = "\
Examples:
  wamp router
  wamp router --listen 0.0.0.0:8080 --listen unix:/run/wamp.sock --realm shop
  wamp router --config wamp.toml --check && systemctl reload wamp
  WAMP_ROUTER_LISTEN=127.0.0.1:0 wamp router

What is on the command line comes first, then the environment, then the file, then defaults.

Variables:
  WAMP_ROUTER_LISTEN, WAMP_ROUTER_REALM   with commas between several
  WAMP_ROUTER_CONFIG
  WAMP_ROUTER_LIMITS_MAX_CONNECTIONS      and so on: each key of `[limits]`
  WAMP_LOG, or else RUST_LOG

A file with everything in it, explained: wamp.example.toml beside the sources of this program.";

/// Runs the router until it is told to stop.
///
/// # Errors
///
/// When the configuration has mistakes, an address cannot be listened on, or it is told to stop twice.
pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let file = options.config.or_else(|| {
        let file = env::var_os("WAMP_ROUTER_CONFIG");
        file.filter(|it| !it.is_empty()).map(PathBuf::from)
    });
    let sources = Sources {
        file,
        listen: or_variable(options.listen, "WAMP_ROUTER_LISTEN", Listener::parse)?,
        realms: or_variable(options.realm, "WAMP_ROUTER_REALM", realm)?,
        salting: Secret::new(format!("{:032x}", rand::random::<u128>())),
    };
    let config = Config::load(&sources)?;
    if options.check {
        return print("the configuration is right\n");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::other("the router cannot start", error))?;
    let served = runtime.block_on(serve(sources, config));
    // What a second signal has cut short is not waited for.
    runtime.shutdown_background();
    served
}

/// What the command line says, or else the variable: one that is empty is as good as absent.
fn or_variable<T>(
    said: Vec<T>,
    name: &str,
    parse: fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, ConfigError> {
    if !said.is_empty() {
        return Ok(said);
    }
    let text = match env::var(name) {
        Ok(text) => text,
        Err(env::VarError::NotPresent) => return Ok(said),
        Err(env::VarError::NotUnicode(_)) => {
            return Err(ConfigError::whole(format!("{name}: it is not in UTF-8")));
        }
    };
    let parts = text.split(',').filter(|_| !text.is_empty());
    let all = parts.map(parse).collect::<Result<_, _>>();
    all.map_err(|mistake| ConfigError::whole(format!("{name}: {mistake}")))
}

fn realm(name: &str) -> Result<String, String> {
    match wamp_uri::check(name, Rule::Loose) {
        Ok(()) => Ok(name.to_owned()),
        Err(error) => Err(format!("`{name}` is no name of a realm: {error}")),
    }
}

async fn serve(sources: Sources, config: Config) -> Result<(), Failure> {
    let signals = Signals::begin(sources.file.is_some());
    let mut signals = signals.map_err(|error| Failure::other("signals cannot be heard", error))?;
    let app = config
        .start(&sources.salting)
        .map_err(|error| Failure::other("the router cannot start", error))?;
    let server = app
        .build()
        .map_err(|error| Failure::other("the router cannot start", error))?;
    let mut bound = Vec::new();
    for listener in &config.listeners {
        let socket = Bound::bind(listener).await;
        bound.push(socket.map_err(|source| Failure::Listen {
            address: listener.endpoint.to_string(),
            source,
        })?);
    }
    let ready = bound
        .iter()
        .map(|it| it.describe(config.speaks_rawsocket()));
    if print(ready.collect::<String>()).is_err() {
        tracing::warn!("nobody reads where the router listens");
    }

    let stop = CancellationToken::new();
    let mut serving = JoinSet::new();
    let traces = bound.into_iter().map(|bound| {
        let (serve, trace) = bound.serve(server.clone(), stop.clone());
        serving.spawn(serve);
        trace
    });
    // The files of Unix sockets, which go when this does.
    let _traces = traces.collect::<Vec<_>>();
    let reloading = Arc::new(Reloading::new(sources, config, server.clone()));
    while signals.next().await == Signal::Reload {
        reload(&reloading).await;
    }
    tracing::info!("the router stops");
    stop.cancel();
    let ended = async { while serving.join_next().await.is_some() {} };
    tokio::select! {
        () = ended => Ok(()),
        () = again(&mut signals) => Err(Failure::Interrupted),
    }
}

/// Reads the file again. Deriving keys from passwords takes time, so it is done elsewhere.
async fn reload(reloading: &Arc<Reloading>) {
    let reloading = Arc::clone(reloading);
    let done = tokio::task::spawn_blocking(move || reloading.reload()).await;
    if let Err(error) = done {
        tracing::error!(%error, "the configuration could not be read again");
    }
}

/// Ready when the router is told to stop.
async fn again(signals: &mut Signals) {
    while signals.next().await != Signal::Stop {}
}
