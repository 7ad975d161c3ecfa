use wamp_client::client;

#[client]
trait Docs {
    #[procedure("docs.get")]
    async fn get(&self) -> u64;
}

fn call(docs: DocsClient) {
    let _ = docs.get().progress();
}

fn main() {}
