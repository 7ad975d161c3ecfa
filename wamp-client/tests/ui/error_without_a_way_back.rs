use wamp_client::client;

#[derive(Debug)]
enum DocsError {
    NotFound,
}

#[client]
trait Docs {
    #[procedure("docs.get")]
    async fn get(&self, id: u64) -> Result<u64, DocsError>;
}

async fn call(docs: DocsClient) {
    let _ = docs.get(7).await;
}

fn main() {}
