use wamp_server::procedure;

#[procedure("a.b")]
struct Thing;

fn used(_: Thing) {}

fn main() {}
