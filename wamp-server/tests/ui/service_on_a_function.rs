use wamp_server::service;

#[service]
fn get() {}

fn main() {}
