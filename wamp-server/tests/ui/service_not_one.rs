use wamp_server::App;

struct Docs;

fn main() {
    let _ = App::empty().service(Docs);
}
