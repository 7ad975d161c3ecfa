use wamp_server::{procedure, session, subscriber, topic};

#[procedure("a.b", timout = "30s")]
async fn handler() {}

#[topic("a.b", strict)]
async fn watched() {}

#[subscriber("a.b", timeout = "30s")]
async fn on_event() {}

#[session("a.b")]
async fn on_open() {}

fn main() {}
