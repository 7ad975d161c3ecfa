use wamp_server::{procedure, session};

#[procedure("a.b", unauthenticated)]
async fn handler() {}

#[session(unauthenticated = true)]
async fn greet() {}

fn main() {}
