use wamp_server::service;

struct Docs;

#[service(prefix = "a b", cache, rename_all = "shouting")]
impl Docs {
    #[procedure("docs..get", crate = wamp_server)]
    async fn get(&self, id: u64, #[arg(nmae = "x")] other: u64) {}

    #[procedure]
    #[subscriber("x")]
    fn both(&self) {}

    #[procedure = "docs.put"]
    fn put(&self) {}
}

fn main() {
    let _ = wamp_server::App::empty().service(Docs);
}
