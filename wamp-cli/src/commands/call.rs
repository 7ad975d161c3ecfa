//! `wamp call`: one call, and what comes of it.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use wamp_client::{Call, CallError, CallResult};

use crate::client::{
    self, CancelWord, ClientFailure, Connection, Output, Patience, because, custom_option,
    unless_stopped,
};
use crate::exit::{self, Failure};
use crate::value::{Arguments, Inputs, Shown, Word, details, pretty};

/// Call a procedure and write its result to stdout
///
/// A result that is one positional value is written as that value in JSON, any other one as `{"args": […], "kwargs": {…}}`. With `--json`
/// it is always one line with both; an error is such a line, too: `{"error": URI, "args": […], "kwargs": {…}}`, or `{"error": null,
/// "failure": …, "message": …}` if the router has not answered. Progressive results are lines before the last one, with `"progress": true`
/// in them. What JSON cannot say, such as NaN, is null there.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct Options {
    /// The procedure
    #[arg(value_parser = super::uri)]
    uri: String,

    #[command(flatten)]
    arguments: Arguments,

    /// Ask for progressive results
    #[arg(long)]
    progress: bool,

    /// Have the callee told who calls
    #[arg(long)]
    disclose_me: bool,

    /// What decides for one of the callees that share a procedure
    #[arg(long, value_name = "VALUE")]
    rkey: Option<Word>,

    /// What becomes of the call if you press Ctrl-C, or time is over
    #[arg(long, value_enum, value_name = "MODE", default_value = "killnowait")]
    cancel: CancelWord,

    /// An option that the protocol does not know; its name begins with an underscore
    #[arg(long, value_name = "_NAME=VALUE", value_parser = custom_option)]
    option: Vec<(String, Word)>,

    /// A result that is a string without its quotes, and one that is binary data as it is
    #[arg(long, conflicts_with = "json")]
    raw: bool,

    /// One line of JSON, for machines
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    patience: Patience,
}

const EXAMPLES: &str = "\
Examples:
  wamp call com.example.add 2 3
  wamp call com.example.find red --string 5 -k limit=10 -k 'tags=[\"a\", \"b\"]'
  wamp call com.example.upload @picture.png -k name=picture.png
  jq .user data.json | wamp call com.example.user.create -
  wamp call com.example.export --progress --timeout 5m
  WAMP_SECRET=… wamp call com.example.admin --authid joe --url wss://example.com/ws --realm shop";

/// How long a call may take until people are shown that something happens.
const SHORT: Duration = Duration::from_millis(500);

/// Calls it.
///
/// # Errors
///
/// Why there is no result.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let output = Output::new(options.json);
    client::run(output, call(options, output))
}

async fn call(options: &Options, output: Output) -> Result<(), ClientFailure> {
    let payload = options.arguments.payload()?;
    let settings = options.connection.settings(&options.patience)?;
    let client = settings.connect().await?;
    let mut call = client
        .call(options.uri.as_str())
        .payload(payload)
        .cancel_mode(options.cancel.into());
    if let Some(timeout) = settings.told_timeout() {
        call = call.timeout(timeout);
    }
    if options.disclose_me {
        call = call.disclose_me(true);
    }
    let mut inputs = Inputs::default();
    if let Some(key) = &options.rkey {
        call = call.key(inputs.decoded(key)?);
    }
    for (name, value) in &options.option {
        call = call.option(name, inputs.decoded(value)?);
    }
    let waiting = Waiting::begin(options.progress);
    let result = unless_stopped(async {
        match options.progress {
            true => progressive(call, output, &waiting).await,
            false => Ok(waiting.while_it_runs(call).await?),
        }
    })
    .await;
    waiting.end();
    let result = match result {
        Ok(result) => Ok(result),
        Err(failure) => Err(because(&client, failure).await),
    };
    // An interrupted call was canceled when it was dropped; this has it sent.
    client.close().await;
    write(&result?, options, output)
}

async fn progressive(
    call: Call,
    output: Output,
    waiting: &Waiting,
) -> Result<CallResult, ClientFailure> {
    let mut call = call.progress();
    let mut count = 0_u64;
    while let Some(step) = call.next().await {
        count += 1;
        let line = line(&step, output);
        waiting.0.suspend(|| output.line(&line))?;
        waiting.0.set_message(format!("{count} results so far"));
    }
    Ok(call.result().await?)
}

/// One progressive result.
fn line(step: &CallResult, output: Output) -> String {
    let shown = Shown::of(step.payload());
    match shown.lone() {
        Some(lone) if !output.json => lone.to_owned(),
        _ if output.json => format!(r#"{{"progress":true,{}}}"#, shown.members()),
        _ => format!("{{{}}}", shown.members()),
    }
}

fn write(result: &CallResult, options: &Options, output: Output) -> Result<(), ClientFailure> {
    let shown = Shown::of(result.payload());
    if output.json {
        let message = wamp_client::proto::message::Result {
            request: wamp_client::Id::MIN,
            details: result.details().clone(),
            payload: wamp_client::proto::payload::Payload::default(),
        };
        let details = details(2, |format, out| message.encode(format, out));
        let details = match details.as_str() {
            "{}" => String::new(),
            details => format!(r#","details":{details}"#),
        };
        return output.line(&format!("{{{}{details}}}", shown.members()));
    }
    if options.raw && shown.lone().is_some() {
        if let Ok(text) = result.decode::<&str>() {
            return output.line(text);
        }
        if let Ok(data) = result.decode::<serde_bytes::ByteBuf>() {
            return output.bytes(&data);
        }
    }
    output.line(&match shown.lone() {
        Some(lone) => pretty(lone),
        None => pretty(&format!("{{{}}}", shown.members())),
    })
}

/// Shows people on stderr that something happens.
struct Waiting(ProgressBar);

impl Waiting {
    fn begin(is_progressive: bool) -> Self {
        let bar = match io::stderr().is_terminal() {
            true => ProgressBar::new_spinner(),
            false => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
            bar.set_style(style);
        }
        if is_progressive {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self(bar)
    }

    async fn while_it_runs(&self, call: Call) -> Result<CallResult, CallError> {
        let mut call = call.into_future();
        tokio::select! {
            biased;
            result = &mut call => return result,
            () = tokio::time::sleep(SHORT) => {}
        }
        self.0.enable_steady_tick(Duration::from_millis(100));
        call.await
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}
