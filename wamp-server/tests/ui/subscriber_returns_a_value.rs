use wamp_server::subscriber;

#[subscriber("chat.message")]
async fn on_message() -> u32 {
    1
}

fn main() {}
