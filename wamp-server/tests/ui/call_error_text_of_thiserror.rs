use wamp_server::CallError;

#[derive(Debug, thiserror::Error, CallError)]
enum DocsError {
    #[error("document {0} does not exist")]
    NotFound(u64),
}

fn main() {}
