use wamp_server::service;

#[service]
trait Docs {
    #[procedure("docs.get")]
    async fn get(&self);
}

struct Library;

#[service]
impl Docs for Library {
    async fn get(&self) {}
}

#[service]
impl Library {
    #[procedure("docs.put")]
    async fn put(&self) {}
}

fn main() {}
