use wamp_server::service;

trait Docs {
    fn get(&self, id: u64) -> u64;
}

struct Library;

#[service]
impl Docs for Library {
    fn get(&self, id: u64) -> u64 {
        id
    }
}

fn main() {}
