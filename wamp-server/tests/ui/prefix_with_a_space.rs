use wamp_server::procedure;

#[procedure(prefix = "my files.")]
async fn handler() {}

fn main() {}
