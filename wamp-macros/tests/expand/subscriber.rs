#[subscriber("chat.{room}.message", strict)]
fn on_message(room: &str, text: String) {}
