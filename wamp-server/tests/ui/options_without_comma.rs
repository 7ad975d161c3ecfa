use wamp_server::procedure;

#[procedure("a.b" strict)]
async fn handler() {}

fn main() {}
