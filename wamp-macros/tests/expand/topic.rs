/// Changes of one document.
#[topic("docs.{id}.changes")]
async fn changes(session: &Session, id: u64) -> Result<Guard, NotAuthorized> {
    watch(session, id).await
}
