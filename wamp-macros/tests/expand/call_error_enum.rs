#[derive(CallError)]
enum DocsError {
    #[error(uri = "docs.error.not_found", message = "no such document")]
    NotFound(#[arg] DocumentId),
    #[error(uri = "docs.error.conflict")]
    Conflict {
        #[kwarg]
        r#type: String,
        #[kwarg(name = "currentRevision")]
        revision: u32,
        secret: Secret,
        source: DbError,
    },
    #[error(internal)]
    Database(#[from] DbError),
    #[error(internal)]
    Poisoned,
    #[error(transparent)]
    Access(#[from] AccessError),
}
