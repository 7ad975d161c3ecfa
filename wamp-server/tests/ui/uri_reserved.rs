use wamp_server::{procedure, topic};

#[procedure("wamp.session.count")]
async fn handler() {}

#[topic("wamp.session.on_join")]
async fn watched() {}

fn main() {}
