use wamp_server::procedure;

#[procedure("a.b")]
async fn handler(id: u64, #[arg(name = "id")] other: u64) {
    let _ = (id, other);
}

fn main() {}
