use wamp_client::client;

struct Id(u64);

#[client]
trait Docs {
    #[procedure("docs.get")]
    async fn get(&self, first: u64, id: Id) -> u64;
}

fn main() {}
