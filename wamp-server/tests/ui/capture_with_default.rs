use wamp_server::procedure;

#[procedure("docs.{collection}.get")]
async fn handler(#[arg(default = "all")] collection: &str) {
    let _ = collection;
}

fn main() {}
