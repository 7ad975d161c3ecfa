use std::collections::HashSet;

use wamp_server::App;

fn main() {
    let open = HashSet::from(["shop.price".to_owned()]);
    let _ = App::empty().authorizer(async move |_, access| open.contains(&*access.uri));
}
