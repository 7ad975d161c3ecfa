use wamp_client::client;

#[client(cache)]
trait Docs<T> {
    const LIMIT: u64;

    #[procedure("docs.{id}.get", timeout = "1s")]
    async fn get(&self, id: u64);

    async fn new(&self);

    #[procedure("docs.find", regex = "x", kwargs = true)]
    async fn find(&mut self, #[arg(name = "")] text: impl AsRef<str>) -> u64 {
        7
    }
}

fn main() {}
