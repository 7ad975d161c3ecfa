use wamp_server::CallError;

struct Opaque;

#[derive(CallError)]
enum DocsError {
    #[error(internal)]
    Database(Opaque),
}

fn main() {}
