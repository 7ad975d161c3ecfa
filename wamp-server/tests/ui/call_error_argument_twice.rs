use wamp_server::CallError;

#[derive(CallError)]
enum DocsError {
    #[error(uri = "docs.error.not_found")]
    NotFound {
        #[arg]
        #[kwarg]
        id: u64,
        #[arg]
        #[source]
        cause: std::io::Error,
    },
}

fn main() {}
