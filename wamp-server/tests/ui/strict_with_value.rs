use wamp_server::procedure;

#[procedure("a.b", strict = true)]
async fn handler() {}

fn main() {}
