//! A document service on SQLite: procedures that block, typed errors, and events for whoever watches a document.
//!
//! `cargo run --release --example docs [ADDRESS [DATABASE]]`, or `… docs join --url ws://… [-- DATABASE]` to offer it at a router; without
//! a database it makes a temporary one. A new database is filled with a few hundred documents.
//!
//! From any WAMP client: call `docs.search` with `{"query": "tides"}`, then `docs.getDocument` with `{"documentId": 1}`, subscribe to
//! `docs.1.changes` (or to `docs.changes` for all of them), and call `docs.updateDocument` with
//! `{"documentId": 1, "revision": 1, "body": "New"}` or `docs.deleteDocument` with `[1]`.
//!
//! - [`library`]: the database; it knows nothing of WAMP.
//! - [`api`]: what clients can call and subscribe to.

mod api;
mod library;

use std::path::PathBuf;
use std::process::ExitCode;

use wamp_server::{App, cli};

use crate::library::Library;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let temporary = tempfile::tempdir()?; // Removed when it is dropped.
    let database = cli::rest().first().map(PathBuf::from);
    let library = Library::open(database.unwrap_or_else(|| temporary.path().join("docs.db")))?;
    library.fill_if_empty()?;

    Ok(cli::run(App::new().state(library)).await)
}
