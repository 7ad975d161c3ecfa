#[session(unauthenticated)]
async fn greet(session: &Session) -> Result<Online, Banned> {
    Online::new(session).await
}
