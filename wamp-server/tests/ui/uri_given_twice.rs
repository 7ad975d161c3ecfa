use wamp_server::procedure;

#[procedure("files.get", prefix = "files.")]
async fn handler() {}

fn main() {}
