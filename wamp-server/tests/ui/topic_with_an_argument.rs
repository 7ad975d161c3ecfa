use wamp_server::topic;

#[topic("docs.{id}.changes")]
async fn changes(id: u64, since: u64) {
    let _ = (id, since);
}

fn main() {}
