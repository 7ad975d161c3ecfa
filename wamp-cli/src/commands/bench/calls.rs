//! `wamp bench calls`.

use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use clap::Args;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::task::JoinSet;
use wamp_client::host::{Callee, Link};
use wamp_client::proto::message::details::YieldOptions;
use wamp_client::proto::message::{Interrupt, Invocation, Yield};
use wamp_client::{CallError, Client};

use super::own_uri;
use super::pace::{Pace, Window};
use super::report::{Report, Times};
use crate::client::{ClientFailure, Connection, Output, Patience, unless_stopped};
use crate::config::units;

/// Calls of a procedure, as many as there may be at a time
#[derive(Debug, Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct Options {
    /// Connections that call
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,

    /// Calls at the same time on each of them
    #[arg(long, value_name = "NUMBER", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    in_flight: u16,

    /// What is sent with each: a string of so many bytes
    #[arg(long, value_name = "SIZE", default_value = "16", value_parser = units::size)]
    payload: usize,

    /// What is called; without it, an echo that is offered for this, over a connection of its own
    #[arg(long, value_name = "URI", value_parser = crate::commands::uri)]
    procedure: Option<String>,

    #[command(flatten)]
    pace: Pace,

    /// JSON, for machines
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    patience: Patience,
}

const MEANING: &str = "\
A closed loop: who has an answer calls again.
That says how much there can be, not how long somebody waits who calls whenever he likes.";

impl Options {
    pub(super) fn json(&self) -> bool {
        self.json
    }
}

pub(super) async fn run(options: &Options, output: Output) -> Result<(), ClientFailure> {
    let settings = options.connection.settings(&options.patience)?;
    let callee = match options.procedure {
        Some(_) => None,
        None => {
            let callee = settings.connect().await?;
            let uri = own_uri("echo");
            let offer = callee.register_callee(uri.as_str(), Arc::new(Echo));
            unless_stopped(offer.into_future()).await?;
            Some((callee, uri))
        }
    };
    let own = callee.as_ref().map(|(_, uri)| uri.as_str());
    let procedure = own.or(options.procedure.as_deref()).unwrap_or_default();
    let mut clients = Vec::new();
    for _ in 0..options.connections {
        let builder = settings.builder().no_reconnect();
        clients.push(unless_stopped(builder.connect()).await?);
    }
    let format = clients.first().and_then(Client::link).map(|it| it.format());
    // One that fails says more now than a million that fail later.
    let payload = "x".repeat(options.payload);
    if let Some(client) = clients.first() {
        let call = client.call(procedure).arg(&payload);
        unless_stopped(call.into_future()).await?;
    }

    let window = options.pace.window()?;
    let mut tasks = JoinSet::new();
    for client in &clients {
        let caller = Caller {
            client: client.clone(),
            procedure: procedure.to_owned(),
            payload: payload.clone(),
            in_flight: options.in_flight,
            window: window.clone(),
        };
        tasks.spawn(caller.run());
    }
    let mut times = Times::new()?;
    let mut errors = 0;
    let collect = async {
        while let Some(done) = tasks.join_next().await {
            let done = done.map_err(|error| ClientFailure::Other(error.to_string()))??;
            times.merge(&done.times);
            errors += done.errors;
        }
        Ok(())
    };
    // The first failure ends it, and so does Ctrl-C.
    let measured = tokio::try_join!(window.show("calls"), collect);
    tasks.abort_all();
    for client in clients {
        client.close().await;
    }
    if let Some((callee, _)) = &callee {
        callee.close().await;
    }
    measured?;

    let mut report = Report::new("calls");
    let count = window.count.load(std::sync::atomic::Ordering::Relaxed);
    report.rate("calls", "calls", count, window.end - window.begin);
    report.times("time of a call", &times);
    report.add("errors", "errors", errors);
    report.add("connections", "connections", options.connections);
    report.add("in flight on each", "in_flight", options.in_flight);
    report.add("bytes of payload", "payload", options.payload);
    report.add(
        "serializer",
        "serializer",
        format.map_or("?", |it| it.name()),
    );
    report.write(output, MEANING)
}

/// One connection that calls.
struct Caller {
    client: Client,
    procedure: String,
    payload: String,
    in_flight: u16,
    window: Window,
}

struct Done {
    times: Times,
    errors: u64,
}

impl Caller {
    async fn run(self) -> Result<Done, ClientFailure> {
        let mut done = Done {
            times: Times::new()?,
            errors: 0,
        };
        let mut calls = FuturesUnordered::new();
        for _ in 0..self.in_flight {
            calls.push(self.call());
        }
        while let Some((began, ended, answer)) = calls.next().await {
            match answer {
                Ok(()) if self.window.counts(began, ended) => done.times.add(ended - began),
                Ok(()) => {}
                Err(CallError::Remote(_)) => done.errors += 1,
                Err(error) => return Err(error.into()),
            }
            if ended < self.window.end {
                calls.push(self.call());
            }
        }
        Ok(done)
    }

    async fn call(&self) -> (Instant, Instant, Result<(), CallError>) {
        let began = Instant::now();
        let call = self.client.call(self.procedure.as_str()).arg(&self.payload);
        let answer = call.await.map(|_| ());
        (began, Instant::now(), answer)
    }
}

/// Answers at once, on the task of the connection.
struct Echo;

impl Callee for Echo {
    fn invoke(&self, link: &Link, invocation: Invocation) {
        let request = invocation.request;
        let echo = Yield {
            request,
            options: YieldOptions::default(),
            payload: invocation.payload,
        };
        let mut frame = BytesMut::new();
        match echo.encode(link.format(), &mut frame) {
            Ok(()) => drop(link.answer(request, frame.freeze())),
            Err(error) => tracing::error!(%error, "an echo cannot be sent"),
        }
    }

    fn interrupt(&self, _: &Link, _: &Interrupt) {}
}
