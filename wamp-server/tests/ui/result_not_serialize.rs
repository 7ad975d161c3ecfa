use wamp_server::procedure;

struct Opaque;

#[procedure("a.b")]
async fn handler() -> Opaque {
    Opaque
}

fn main() {}
