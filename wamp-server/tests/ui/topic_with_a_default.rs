use wamp_server::topic;

#[topic("docs.changes")]
async fn changes(#[arg(default = 1)] since: u64) {
    let _ = since;
}

fn main() {}
