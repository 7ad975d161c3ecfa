#[derive(CallError)]
enum DocsError {
    NotFound(u64),
    #[error(internal)]
    Database(#[from] DbError),
}
