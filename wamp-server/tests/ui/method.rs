use wamp_server::procedure;

struct Docs;

impl Docs {
    #[procedure("docs.get")]
    async fn get(&self) {}
}

fn main() {}
