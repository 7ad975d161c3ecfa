use wamp_server::{Session, procedure};

#[procedure("docs.{session}.get")]
async fn handler(session: &Session) {
    let _ = session;
}

fn main() {}
