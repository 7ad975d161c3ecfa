use wamp_server::procedure;

#[procedure("a.b", realm = admins)]
async fn handler() {}

fn main() {}
