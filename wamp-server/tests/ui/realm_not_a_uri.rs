use wamp_server::procedure;

#[procedure("a.b", realm = "the admins")]
async fn handler() {}

fn main() {}
