//! `wamp register`: a procedure that gives back what it gets, or is a program.
//!
//! - `callee`: all calls. `work`: what is done for one. `exec`: a program for one. `log`: what is told of it.

mod callee;
mod exec;
mod log;
mod work;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::time::timeout;
use wamp_client::Client;

use self::callee::Procedure;
use self::work::Work;
use super::watch::{renewal, watch};
use crate::client::{
    self, ClientFailure, Connection, InvokeWord, MatchWord, Output, Patience, custom_option,
    stopped, unless_stopped,
};
use crate::exit::{self, Failure};
use crate::value::{Inputs, Word, printable};

/// Offer a procedure, until Ctrl-C
///
/// With `--echo`, each call gets its own arguments back. With `--exec`, each call starts a program, which gets the call on stdin as a line
/// of JSON: `{"procedure": …, "details": {…}, "args": […], "kwargs": {…}}`. What it writes to stdout is the result: nothing; `{"args": […],
/// "kwargs": {…}}`; or one value, in JSON, text or binary. If it exits with another code than 0, the call fails with the error that it has
/// written, as `"com.example.error"` or `{"error": "com.example.error", "args": […], "kwargs": {…}}`, or else with
/// `wamp.error.runtime_error`. It is killed, with all processes that it has started, when the call is canceled or its time is over.
///
/// Each call is told of on stderr, or, with `--json`, in a line on stdout.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP),
    override_usage = "wamp register [OPTIONS] <URI> --echo\n       wamp register [OPTIONS] <URI> --exec <CMD> [ARG]…"
)]
pub(crate) struct Options {
    /// The procedure, or a pattern
    uri: String,

    /// Give back what has come
    #[arg(long, conflicts_with = "exec", required_unless_present = "exec")]
    echo: bool,

    /// Start this program for each call; all that follows is its own
    #[arg(long, value_name = "CMD [ARG]", num_args = 1.., allow_hyphen_values = true)]
    exec: Vec<String>,

    /// How URIs are compared with it
    #[arg(long = "match", value_enum, value_name = "HOW", default_value_t)]
    matching: MatchWord,

    /// Which of several callees is called; all of them have to say the same
    #[arg(long, value_enum, value_name = "POLICY")]
    invoke: Option<InvokeWord>,

    /// How many calls may run here at the same time; without it, 16 programs, and any number of echoes
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: Option<u16>,

    /// Ask the router to say who calls
    #[arg(long)]
    disclose_caller: bool,

    /// Take the procedure from whoever offers it now
    #[arg(long)]
    force: bool,

    /// An option that the protocol does not know; its name begins with an underscore
    #[arg(long, value_name = "_NAME=VALUE", value_parser = custom_option)]
    option: Vec<(String, Word)>,

    /// A line of JSON on stdout for each call
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    patience: Patience,
}

const EXAMPLES: &str = "\
Examples:
  wamp register com.example.echo --echo
  wamp register com.example.upper --exec sh -c 'jq .args[0] | tr a-z A-Z'
  wamp register com.example.resize --invoke roundrobin --concurrency 4 --exec ./resize.py
  wamp register com.example --match prefix --echo --json";

/// Programs that run at the same time if nothing else is said.
const PROGRAMS: u16 = 16;

/// How long it may take until the last calls are told of.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Offers it.
///
/// # Errors
///
/// Why it is not offered, or not any more.
pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let output = Output::new(options.json);
    client::run(output, register(options, output))
}

async fn register(options: Options, output: Output) -> Result<(), ClientFailure> {
    super::check_pattern(&options.uri, options.matching)?;
    let settings = options.connection.settings(&options.patience)?;
    let mut inputs = Inputs::default();
    let mut custom = Vec::new();
    for (name, value) in &options.option {
        custom.push((name, inputs.decoded(value)?));
    }
    let at_once = match (options.concurrency, options.echo) {
        (None, false) => Some(PROGRAMS),
        (concurrency, _) => concurrency,
    };
    let work = match options.echo {
        true => Work::Echo,
        false => Work::Exec(options.exec),
    };
    let procedure = Arc::new(Procedure::new(&options.uri, work, at_once, output));
    let (hook, mut renewal) = renewal();
    let client = settings.keep_connected(hook).await?;
    let mut offer = client
        .register_callee(options.uri.as_str(), Arc::<Procedure>::clone(&procedure))
        .matching(options.matching.into())
        .disclose_caller(options.disclose_caller)
        .force_reregister(options.force);
    if let Some(invoke) = options.invoke {
        offer = offer.invoke(invoke.into());
    }
    if let Some(concurrency) = options.concurrency {
        offer = offer.concurrency(concurrency.into());
    }
    for (name, value) in custom {
        offer = offer.option(name, value);
    }
    let registration = unless_stopped(offer.into_future()).await?;
    let what = format!("registered `{}`", printable(&options.uri));
    let watching = watch(client.clone(), what, renewal.taken());
    let done = tokio::select! {
        () = stopped() => Ok(()),
        failure = procedure.failed() => Err(failure),
        failure = renewal.refused() => Err(failure),
        () = closed(&client) => {
            Err(ClientFailure::Lost("the connection was lost".to_owned()))
        }
    };
    watching.abort();
    if let Err(error) = registration.unregister().await {
        tracing::debug!(%error, "the registration ends with its session");
    }
    // What nobody reads is not waited for.
    let _ = timeout(LAST_WORDS, procedure.end()).await;
    client.close().await;
    done
}

/// Ready when there will be no session any more.
async fn closed(client: &Client) {
    let mut states = client.states();
    while states.next().await.is_some_and(|it| !it.is_closed()) {}
}
