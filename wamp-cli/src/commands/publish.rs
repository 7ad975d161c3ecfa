//! `wamp publish`: one event.

use clap::Args;
use wamp_client::{CallError, Id, State};

use crate::client::{
    self, ClientFailure, Connection, Output, Patience, because, custom_option, told, unless_stopped,
};
use crate::exit::{self, Failure};
use crate::value::{Arguments, Inputs, Word};

/// Publish an event
///
/// With `--json`, a line tells what was published: `{"publication": ID}`, null without `--acknowledge`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct Options {
    /// The topic
    #[arg(value_parser = super::uri)]
    uri: String,

    #[command(flatten)]
    arguments: Arguments,

    /// Wait until the router says that it is published; without it, nobody tells of errors
    #[arg(long)]
    acknowledge: bool,

    /// Have the router keep it for those who subscribe later
    #[arg(long)]
    retain: bool,

    /// Whether this session is left out
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    exclude_me: bool,

    /// Have subscribers told who publishes
    #[arg(long)]
    disclose_me: bool,

    #[command(flatten)]
    receivers: Receivers,

    /// What decides for one of the subscribers that share a topic
    #[arg(long, value_name = "VALUE")]
    rkey: Option<Word>,

    /// An option that the protocol does not know; its name begins with an underscore
    #[arg(long, value_name = "_NAME=VALUE", value_parser = custom_option)]
    option: Vec<(String, Word)>,

    /// One line of JSON, for machines
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    patience: Patience,
}

/// Which subscribers get it. Each may be repeated, and takes several with commas.
#[derive(Debug, Args)]
#[command(next_help_heading = "Receivers (repeated, or with commas)")]
struct Receivers {
    /// Only these sessions
    #[arg(long, value_name = "SESSION", value_delimiter = ',', value_parser = super::id)]
    eligible: Vec<Id>,

    /// Only sessions of these users
    #[arg(long, value_name = "AUTHID", value_delimiter = ',')]
    eligible_authid: Vec<String>,

    /// Only sessions of these roles
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    eligible_authrole: Vec<String>,

    /// Not these sessions
    #[arg(long, value_name = "SESSION", value_delimiter = ',', value_parser = super::id)]
    exclude: Vec<Id>,

    /// No sessions of these users
    #[arg(long, value_name = "AUTHID", value_delimiter = ',')]
    exclude_authid: Vec<String>,

    /// No sessions of these roles
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    exclude_authrole: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  wamp publish com.example.news 'Hello, world!' -k author=joe
  wamp publish com.example.weather 21 --retain --acknowledge
  wamp publish com.example.chat hi --exclude-me false --eligible-authrole staff,admin
  date | wamp publish com.example.time -";

/// Publishes it.
///
/// # Errors
///
/// Why it is not published, as far as that is known.
pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let output = Output::new(options.json);
    client::run(output, publish(options, output))
}

async fn publish(options: Options, output: Output) -> Result<(), ClientFailure> {
    let payload = options.arguments.payload()?;
    let client = options.connection.open(&options.patience).await?;
    let mut event = client.publish(options.uri).payload(payload);
    if options.acknowledge {
        event = event.acknowledge();
    }
    if options.retain {
        event = event.retain();
    }
    if !options.exclude_me {
        event = event.exclude_me(false);
    }
    if options.disclose_me {
        event = event.disclose_me(true);
    }
    event = options.receivers.add_to(event);
    let mut inputs = Inputs::default();
    if let Some(key) = &options.rkey {
        event = event.key(inputs.decoded(key)?);
    }
    for (name, value) in &options.option {
        event = event.option(name, inputs.decoded(value)?);
    }
    let published = match unless_stopped::<_, CallError>(event.into_future()).await {
        Ok(publication) => Ok(publication),
        Err(failure) => Err(because(&client, failure).await),
    };
    // GOODBYE comes after the event, so whoever has answered it has had the event.
    client.close().await;
    if let (Ok(None), State::Closed { reason: Some(why) }) = (&published, client.state()) {
        let what = format!("the router has not taken the event: {}", told(&why));
        return Err(ClientFailure::Lost(what));
    }
    let publication = published?.map_or_else(|| "null".to_owned(), |it| it.get().to_string());
    match (output.json, options.acknowledge) {
        (true, _) => output.line(&format!(r#"{{"publication":{publication}}}"#)),
        (false, true) => output.line(&publication),
        (false, false) => Ok(()),
    }
}

impl Receivers {
    /// A list that is empty would mean nobody.
    fn add_to(self, mut event: wamp_client::Publish) -> wamp_client::Publish {
        if !self.eligible.is_empty() {
            event = event.eligible(self.eligible);
        }
        if !self.eligible_authid.is_empty() {
            event = event.eligible_authid(self.eligible_authid);
        }
        if !self.eligible_authrole.is_empty() {
            event = event.eligible_authrole(self.eligible_authrole);
        }
        if !self.exclude.is_empty() {
            event = event.exclude(self.exclude);
        }
        if !self.exclude_authid.is_empty() {
            event = event.exclude_authid(self.exclude_authid);
        }
        if !self.exclude_authrole.is_empty() {
            event = event.exclude_authrole(self.exclude_authrole);
        }
        event
    }
}
