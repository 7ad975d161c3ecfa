#[procedure(
    "docs.{collection}.get",
    realm = "admins",
    strict,
    timeout = "500ms",
    concurrency = 4,
    roles("admin", "staff"),
    disclose_caller,
    rename_all = "camelCase",
    crate = facade::wamp
)]
async fn get_from(collection: &str, document_id: u64, #[arg(name = "ETag")] tag: Option<u64>) {}
