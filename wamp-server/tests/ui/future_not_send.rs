use wamp_server::procedure;

#[procedure("a.b")]
async fn handler(n: u32) -> u32 {
    let n = std::rc::Rc::new(n);
    std::future::ready(()).await;
    *n
}

fn main() {}
