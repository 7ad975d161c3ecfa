use wamp_client::client;

#[client]
trait Docs {
    #[procedure("docs.get")]
    fn get(&self) -> impl Send;

    #[procedure("docs.list", progress = u8)]
    fn list(&self) -> impl futures_core::Stream<Item = u8> + Send;
}

fn main() {}
