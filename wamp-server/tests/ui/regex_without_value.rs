use wamp_server::procedure;

#[procedure(regex)]
async fn handler() {}

fn main() {}
