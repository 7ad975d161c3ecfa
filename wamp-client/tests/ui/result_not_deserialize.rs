use wamp_client::client;

struct Document;

#[client]
trait Docs {
    #[procedure("docs.get")]
    async fn get(&self) -> Document;
}

async fn call(docs: DocsClient) {
    let _ = docs.get().await;
}

fn main() {}
