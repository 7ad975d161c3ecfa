#[derive(CallError)]
#[wamp(crate = facade::wamp)]
enum DocsError {
    #[error("document {0} does not exist")]
    #[wamp(uri = "docs.error.not_found")]
    NotFound(#[arg] u64),
    #[error("the database does not answer")]
    #[wamp(internal)]
    Database(#[from] DbError),
}
