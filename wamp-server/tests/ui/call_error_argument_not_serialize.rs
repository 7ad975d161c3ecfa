use wamp_server::CallError;

struct Opaque;

#[derive(CallError)]
enum DocsError {
    #[error(uri = "docs.error.not_found")]
    NotFound(#[arg] Opaque),
}

fn main() {}
