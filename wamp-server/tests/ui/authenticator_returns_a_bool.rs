use wamp_server::App;

fn main() {
    let _ = App::empty().ticket(async |_, ticket| ticket.is_same("open sesame"));
}
