use wamp_server::CallError;

#[derive(CallError)]
enum DocsError {
    NotFound(u64),
}

fn main() {}
