use wamp_server::procedure;

#[procedure]
async fn handler() {}

fn main() {}
