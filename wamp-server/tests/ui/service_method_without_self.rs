use wamp_server::service;

struct Docs;

#[service]
impl Docs {
    #[procedure("docs.get")]
    async fn get(id: u64) {}
}

fn main() {}
