use std::rc::Rc;

use wamp_server::service;

struct Docs(Rc<u64>);

#[service]
impl Docs {
    #[procedure("docs.get")]
    fn get(&self) -> u64 {
        *self.0
    }
}

fn main() {}
