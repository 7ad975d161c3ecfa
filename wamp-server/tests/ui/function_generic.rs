use wamp_server::procedure;

#[procedure("a.b")]
async fn handler<T, const N: usize>() {}

fn main() {}
