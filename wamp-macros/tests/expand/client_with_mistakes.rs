#[client(prefix = "a b", name = "X")]
trait Docs<T> {
    const LIMIT: u64;

    #[procedure("docs.{id}.get", timeout = "1s")]
    async fn get(id: u64);

    async fn new(&self);
}
