use wamp_server::service;

struct Library;

#[service(parts(Docs))]
impl Library {
    #[procedure("docs.put")]
    async fn put(&self) {}
}

fn main() {}
