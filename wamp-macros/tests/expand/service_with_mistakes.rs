#[service(prefix = "docs", prefix = "books")]
impl Library {
    #[procedure("a b")]
    async fn get_document(&mut self, document_id: u64) {}
}
