use wamp_client::client;

#[client]
struct Docs;

fn main() {}
