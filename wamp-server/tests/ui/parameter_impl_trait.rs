use wamp_server::procedure;

#[procedure("a.b")]
async fn handler(text: impl AsRef<str>) {
    let _ = text;
}

fn main() {}
