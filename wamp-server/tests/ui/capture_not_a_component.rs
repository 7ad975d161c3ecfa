use wamp_server::procedure;

#[procedure("docs.v{version}.get")]
async fn handler(version: u32) {
    let _ = version;
}

fn main() {}
