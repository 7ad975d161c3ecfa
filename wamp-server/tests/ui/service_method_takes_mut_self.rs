use wamp_server::service;

struct Docs;

#[service]
impl Docs {
    #[procedure("docs.get")]
    async fn get(&mut self) {}

    #[procedure("docs.take")]
    async fn take(self) {}
}

fn main() {}
