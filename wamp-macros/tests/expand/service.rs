#[service(prefix = "docs", rename_all = "camelCase", parts(Admin))]
impl<S: Store> Library<S>
where
    S: Clone,
{
    const LIMIT: u64 = 3;

    /// Fetches one document.
    #[procedure(timeout = "1s")]
    pub async fn get_document(&self, document_id: u64, session: &Session) -> Result<Document, DocsError> {
        self.0.load(document_id).await
    }

    #[cfg(unix)]
    #[topic("changes.{id}")]
    fn changes(&self, id: u64) {}

    fn helper(&self) {}
}
