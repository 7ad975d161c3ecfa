use wamp_client::client;

struct Result<T>(T);

#[client]
trait Docs {
    #[procedure("docs.get")]
    async fn get(&self) -> Result<u64>;
}

fn main() {}
