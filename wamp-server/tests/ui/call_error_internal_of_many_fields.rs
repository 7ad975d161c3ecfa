use wamp_server::CallError;

#[derive(CallError)]
enum DocsError {
    #[error(internal)]
    Database(String, String),
}

fn main() {}
