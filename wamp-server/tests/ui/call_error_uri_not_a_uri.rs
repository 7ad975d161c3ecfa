use wamp_server::CallError;

#[derive(CallError)]
enum DocsError {
    #[error(uri = "docs.error.not found")]
    NotFound,
    #[error(uri = "docs.{id}.not_found")]
    Captured,
}

fn main() {}
