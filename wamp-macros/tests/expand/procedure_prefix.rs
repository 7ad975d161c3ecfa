#[procedure(prefix = "files.", timeout = none)]
async fn file(path: Topic<'_>) {}
