//! The server that foreign clients are driven against: one procedure or topic for each thing that they must be able to do.
//!
//! The scripts in `foreign/` say what each answers. The one realm is `interop`.

use std::env;
use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use serde_bytes::ByteBuf;
use wamp_server::{
    App, CallError, CancellationToken, Error, Input, Limits, Progress, Realm, Reply, Single, State,
    procedure, procedures, subscriber, subscribers, topic, topics,
};

#[procedure("interop.add")]
async fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[procedure("interop.greet")]
async fn greet(name: &str, #[arg(default = "Hello")] greeting: &str) -> String {
    format!("{greeting}, {name}!")
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    quantity: u32,
}

/// The number of pieces of each kind. A wrong quantity is reported with its path.
#[procedure("interop.order")]
async fn order(items: Vec<Item>) -> Vec<String> {
    items
        .into_iter()
        .map(|item| format!("{} × {}", item.quantity, item.sku))
        .collect()
}

/// Positional and keyword results.
#[procedure("interop.both")]
async fn both() -> Reply {
    Reply::new().arg(1).arg("two").kwarg("three", 3)
}

#[procedure("interop.echo")]
async fn echo(text: String) -> String {
    text
}

#[procedure("interop.echoBytes")]
async fn echo_bytes(bytes: ByteBuf) -> Single<ByteBuf> {
    Single(bytes)
}

#[procedure("interop.fail")]
async fn fail() -> Result<(), CallError> {
    let error = CallError::new("interop.error.teapot")
        .arg("short")
        .arg("stout");
    Err(error.kwarg("temperature", 95))
}

/// What went wrong here is nobody's business.
#[procedure("interop.failInside")]
async fn fail_inside() -> Result<(), CallError> {
    Err(CallError::internal("the password is swordfish"))
}

/// Counts up to a number; the result is how many numbers that were.
#[procedure("interop.count")]
async fn count(to: u32, progress: &Progress<u32>) -> u32 {
    for number in 1..=to {
        progress.send(number).await;
    }
    to
}

/// The same as a stream, whose end is a result without arguments.
#[procedure("interop.stream")]
async fn numbers(to: u32) -> impl Stream<Item = u32> {
    stream::iter(1..=to)
}

/// Adds up what comes in, however often, and reports the sum so far.
#[procedure("interop.sum")]
async fn sum(numbers: Input<(i64,)>, progress: &Progress<i64>) -> Result<i64, CallError> {
    let add = async |before, (number,)| {
        let sum = before + number;
        progress.send(sum).await;
        Ok(sum)
    };
    numbers.try_fold(0, add).await
}

/// Never answers.
#[procedure("interop.hang")]
async fn hang() {
    pending::<()>().await;
}

/// Answers when it is cancelled.
#[procedure("interop.hangUntilTold")]
async fn hang_until_told(told: CancellationToken) -> &'static str {
    told.cancelled().await;
    "told"
}

/// Publishes to `interop.news`, with positional and keyword arguments.
#[procedure("interop.announce")]
async fn announce(text: &str, realm: &Realm) -> Result<usize, CallError> {
    let published = realm.publish(
        "interop.news",
        Reply::new().arg(text).kwarg("length", text.len()),
    )?;
    Ok(published.receivers)
}

#[topic("interop.news")]
async fn news() {}

/// Counts down from a number, then is silent.
#[topic("interop.countdown.{from}")]
async fn countdown(from: u32) -> impl Stream<Item = u32> {
    stream::iter((1..=from).rev()).chain(stream::pending())
}

/// Nobody may subscribe.
#[topic("interop.secret")]
async fn secret() -> Result<(), CallError> {
    Err(CallError::not_authorized())
}

/// What clients have published.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[subscriber("interop.note")]
async fn note(text: String, #[arg(default)] stars: u32, notes: State<'_, Notes>) {
    notes.lock().push(format!("{text} ({stars})"));
}

/// What clients have published since it was last called.
#[procedure("interop.takeNotes")]
async fn take_notes(notes: State<'_, Notes>) -> Single<Vec<String>> {
    Single(std::mem::take(&mut notes.lock()))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().init();
    let address = env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let realm = Realm::new("interop")
        .state(Notes::default())
        .procedures(procedures![
            add,
            announce,
            both,
            count,
            echo,
            echo_bytes,
            fail,
            fail_inside,
            greet,
            hang,
            hang_until_told,
            numbers,
            order,
            sum,
            take_notes
        ])
        .topics(topics![countdown, news, secret])
        .subscribers(subscribers![note]);
    // Messages of 1 MiB, and what stands around them.
    let limits = Limits {
        max_message: 4 * 1024 * 1024,
        max_without_message: 16 * 1024 * 1024,
        ..Limits::default()
    };
    App::empty()
        .default_realm(false)
        .realm(realm)
        .limits(limits)
        .serve(address)
        .await
}
