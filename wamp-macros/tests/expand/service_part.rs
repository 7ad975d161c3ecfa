#[cfg(unix)]
#[service(part)]
impl Docs for Library {
    async fn count(&self) -> u64 {
        1
    }
}
