use wamp_server::procedure;

#[procedure("a.b")]
async fn handler() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
