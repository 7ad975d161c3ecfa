use wamp_server::procedure;

#[procedure("a.b")]
#[rustfmt::skip]
async fn handler(
    _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8,
    thirteenth: u8,
) {
    let _ = thirteenth;
}

fn main() {}
