use wamp_server::procedure;

#[procedure("docs.{collection}.get")]
async fn handler(colection: &str) {
    let _ = colection;
}

fn main() {}
