use wamp_server::procedure;

#[procedure("docs..get")]
async fn handler() {}

fn main() {}
