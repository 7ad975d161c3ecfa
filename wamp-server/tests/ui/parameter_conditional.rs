use wamp_server::procedure;

#[procedure("a.b")]
async fn handler(#[cfg(unix)] id: u64) {
    let _ = id;
}

fn main() {}
