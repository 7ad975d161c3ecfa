use wamp_server::CallError;

#[derive(CallError)]
enum DocsError {
    #[error(uri = "docs.error.not_found")]
    NotFound(#[kwarg] u64, #[kwarg(nmae = "id")] u64),
}

fn main() {}
