#[service]
trait Docs {
    #[procedure("docs.count")]
    async fn count(&self) -> u64;
}
