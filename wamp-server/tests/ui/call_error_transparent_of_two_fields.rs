use wamp_server::CallError;

#[derive(CallError)]
enum DocsError {
    #[error(transparent)]
    Access(CallError, u32),
}

fn main() {}
