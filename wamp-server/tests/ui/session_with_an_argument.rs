use wamp_server::session;

#[session]
async fn on_open(id: u64) {
    let _ = id;
}

fn main() {}
