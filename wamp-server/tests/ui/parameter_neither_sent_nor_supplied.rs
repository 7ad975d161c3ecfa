use wamp_server::{Session, procedure};

struct Opaque;

#[procedure("a.b")]
async fn handler(session: &Session, thing: Opaque) {
    let _ = (session, thing);
}

fn main() {}
