use wamp_server::proto::message::Secret;

fn is_right(ticket: &Secret) -> bool {
    *ticket == Secret::new("open sesame")
}

fn main() {}
