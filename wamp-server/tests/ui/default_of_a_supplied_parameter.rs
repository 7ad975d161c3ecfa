use wamp_server::{Session, procedure};

#[procedure("a.b")]
async fn handler(#[arg(default = unreachable!())] session: &Session) {
    let _ = session;
}

fn main() {}
