use wamp_server::procedure;

#[procedure("a.b", timeout = "30")]
async fn handler() {}

fn main() {}
