use wamp_server::procedure;

#[procedure("a.b")]
async fn handler(#[arg(name = "")] id: u64) {
    let _ = id;
}

fn main() {}
