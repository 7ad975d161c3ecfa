use futures_core::Stream;
use wamp_server::topic;

struct Opaque;

#[topic("a.b")]
fn feed() -> impl Stream<Item = Opaque> {
    futures_util::stream::empty()
}

fn main() {}
