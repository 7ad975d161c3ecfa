#[service(prefix = "eu", crate = facade::wamp)]
impl api::Docs for Library {
    async fn get_document(&self, document_id: u64) -> Result<Document, DocsError> {
        self.0.load(document_id).await
    }

    #[procedure(blocking, strict)]
    fn touch(&self, #[arg(default)] times: u32) {}
}
