use wamp_server::procedure;

#[procedure("a.b", concurrency = 0)]
async fn handler() {}

fn main() {}
