use wamp_server::{CallError, procedure, procedures};

#[procedure("docs..get", timeout = "soon", blocking, strict = 1)]
async fn handler<T>(#[arg(nmae = "x", default = )] x: u32, y: impl Clone) {
    let _ = (x, y);
}

#[derive(CallError)]
enum DocsError {
    NotFound,
    #[error(uri = "docs error")]
    Conflict(#[kwarg] u64),
}

// Whatever uses them compiles: there is nothing to read about but the mistakes.
#[procedure("docs.list")]
async fn list() -> Result<u32, DocsError> {
    Err(DocsError::NotFound)
}

fn main() {
    let _ = handler::<()>(1, 2);
    let _ = procedures![handler, list];
}
