use wamp_server::procedure;

#[procedure("a.b", rename_all = "Camel")]
async fn handler() {}

fn main() {}
