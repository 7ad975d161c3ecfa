use wamp_server::procedure;

#[procedure(42)]
async fn handler() {}

fn main() {}
