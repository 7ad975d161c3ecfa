use wamp_server::service;

#[service(strict)]
trait Docs<T> {
    type Id;

    fn helper(&self);

    #[procedure("docs.{id}.get", strict)]
    async fn get(&self, id: u64);

    #[procedure(prefix = "docs.")]
    async fn put(id: u64) {}

    #[procedure("docs.find", progress)]
    fn find<U>(&self, first: U, #[arg(name = "first", default)] second: u64);
}

struct Library;

#[service]
impl Docs<u64> for Library {
    type Id = u64;

    fn helper(&self) {}

    async fn get(&self, id: u64) {
        let _ = id;
    }
}

fn main() {}
