use wamp_server::service;

struct Docs;

#[service]
impl Docs {
    async fn get(&self) {}
}

fn main() {}
