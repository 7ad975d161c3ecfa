use wamp_server::topic;

#[topic("a.b")]
async fn watched() -> std::rc::Rc<str> {
    "guard".into()
}

fn main() {}
