use wamp_server::procedure;

#[procedure("a.b", crate = elsewhere::wamp)]
async fn handler() {}

fn main() {}
