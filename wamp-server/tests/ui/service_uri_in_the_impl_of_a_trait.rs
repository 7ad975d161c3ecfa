use wamp_server::service;

#[service]
trait Docs {
    #[procedure("docs.get")]
    async fn get(&self, id: u64);

    #[procedure("docs.watch")]
    async fn watch(&self);
}

struct Library;

#[service(rename_all = "camelCase")]
impl Docs for Library {
    #[procedure("docs.fetch")]
    async fn get(&self, #[arg(name = "docId")] id: u64) {}

    #[topic]
    async fn watch(&self) {}
}

fn main() {}
