//! A router: clients offer procedures to each other and publish events for each other, and the application takes part.
//!
//! `cargo run --example router`, then, from several WAMP clients:
//!
//! 1. a lamp registers `device.lamp.reboot`, and publishes its state, `["on"]`, to `device.lamp.state`, with the option `retain`
//! 2. anybody calls `device.lamp.reboot`, which the lamp answers; or `devices.reboot` with `["lamp"]`, which the application answers by
//!    calling the lamp
//! 3. anybody subscribes to `device.` with the options `match: "prefix"` and `get_retained`, and is told the states of all devices
//! 4. `devices.seen` gives what the application has heard; `wamp.subscription.get_events` gives the states of the past

use std::collections::BTreeMap;
use std::env;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wamp_server::history::{Match, MemoryStore};
use wamp_server::{
    App, CallError, Error, Realm, RouterOptions, Single, State, procedure, subscriber,
};

/// The devices and their states.
#[derive(Default)]
struct Devices(Mutex<BTreeMap<String, String>>);

impl Devices {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reboots a device, and returns what it says.
#[procedure("devices.reboot")]
async fn reboot(device: String, realm: &Realm) -> Result<String, CallError> {
    let procedure = format!("device.{device}.reboot");
    let answer = realm
        .call(procedure)
        .timeout(Duration::from_secs(5))
        .await?;
    Ok(answer.decode()?)
}

/// The devices that have said something.
#[procedure("devices.seen")]
async fn seen(devices: State<'_, Devices>) -> Single<BTreeMap<String, String>> {
    Single(devices.lock().clone())
}

/// Hears what devices publish, like any client that is subscribed.
#[subscriber("device.{name}.state")]
async fn state(name: &str, state: String, devices: State<'_, Devices>) {
    let mut devices = devices.lock();
    if devices.len() < MAX_DEVICES || devices.contains_key(name) {
        devices.insert(name.to_owned(), state);
    }
}

/// How many devices are remembered: their names come from clients.
const MAX_DEVICES: usize = 1_000;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().init();
    let address = env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let states = [("device.", Match::Prefix)];
    let router = RouterOptions::new().history(MemoryStore::default(), states);
    App::new()
        .state(Devices::default())
        .router(router)
        .serve(address)
        .await
}
