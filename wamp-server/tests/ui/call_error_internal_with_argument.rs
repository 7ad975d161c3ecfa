use wamp_server::CallError;

#[derive(CallError)]
enum DocsError {
    #[error(internal)]
    Database(#[arg] String),
}

fn main() {}
