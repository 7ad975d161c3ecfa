#[procedure("docs..get", timeout = "soon")]
async fn get(#[arg(nmae = "docId")] id: u64) {}
