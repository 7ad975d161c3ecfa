use wamp_server::procedure;

#[procedure("a.b")]
async fn handler(#[arg(default = "ten")] limit: u32) {
    let _ = limit;
}

fn main() {}
