use wamp_server::CallError;

#[derive(CallError)]
enum DocsError {
    #[error(uri = "docs.error.not_found", internal)]
    NotFound,
    #[error(internal, message = "no such document")]
    Missing,
}

fn main() {}
