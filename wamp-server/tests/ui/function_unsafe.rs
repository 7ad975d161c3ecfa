use wamp_server::procedure;

#[procedure("a.b")]
unsafe fn handler() {}

fn main() {}
