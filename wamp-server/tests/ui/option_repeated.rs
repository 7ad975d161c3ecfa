use wamp_server::procedure;

#[procedure("a.b", strict, realm = "admins", strict)]
async fn handler() {}

fn main() {}
