use wamp_server::service;

struct Unknown;

struct Docs;

#[service]
impl Docs {
    #[procedure("docs.get")]
    async fn get(&self, id: u64, unknown: Unknown) -> std::rc::Rc<Unknown> {
        drop(id);
        std::rc::Rc::new(unknown)
    }
}

fn main() {}
