/// Fetches one document.
///
/// In one language.
#[procedure("docs.getDocument")]
pub async fn get_document(
    session: &Session,
    State(library): State<'_, Library>,
    #[arg(name = "docId")] id: DocumentId,
    #[arg(default = "en")] language: &str,
    #[arg(default)] revision: Revision,
) -> Result<Document, DocsError> {
    library.get(session, id, language, revision).await
}
