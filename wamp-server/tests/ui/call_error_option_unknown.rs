use wamp_server::CallError;

#[derive(CallError)]
enum DocsError {
    #[error(url = "docs.error.not_found")]
    NotFound,
}

fn main() {}
