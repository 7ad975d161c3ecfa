use wamp_server::procedure;

#[procedure("a.b", blocking)]
async fn handler() {}

fn main() {}
