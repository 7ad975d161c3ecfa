/// A library.
#[client(prefix = "docs", rename_all = "camelCase")]
pub trait Docs: Send + Sync
where
    Self: 'static,
{
    /// Fetches one document.
    #[procedure]
    async fn get_document(&self, document_id: u64) -> Result<Document, DocsError>;

    #[cfg(feature = "search")]
    #[procedure("search", kwargs, progress = Percent)]
    async fn search<'a>(&self, text: &'a str, #[arg(name = "max")] limit: Option<u64>) -> io::Result<Vec<u64>>;

    #[procedure]
    fn touch(&self);
}
