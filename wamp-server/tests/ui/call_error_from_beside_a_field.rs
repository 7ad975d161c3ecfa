use wamp_server::CallError;

#[derive(CallError)]
enum DocsError {
    #[error(uri = "docs.error.io")]
    Io(#[from] std::io::Error, u32),
}

fn main() {}
