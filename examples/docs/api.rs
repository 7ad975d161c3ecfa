//! What clients can call and subscribe to.
//!
//! SQLite blocks, so the procedures are marked `blocking` and run on threads made for that. Clients spell names as JavaScript does,
//! which is what `rename_all` is for.

use serde::Serialize;
use tokio::task::spawn_blocking;
use wamp_server::{CallError, EncodeError, IntoError, Realm, SharedState, State, procedure, topic};

use crate::library::{Document, Library, Summary, Update};

/// Why a call fails. The URIs are part of the API; what is `internal` is logged, and callers see `wamp.error.runtime_error`.
#[derive(Debug, CallError)]
pub(crate) enum DocsError {
    #[error(uri = "docs.error.not_found", message = "no such document")]
    NotFound {
        #[kwarg(name = "documentId")]
        document_id: i64,
    },
    #[error(
        uri = "docs.error.conflict",
        message = "the document has changed meanwhile"
    )]
    Conflict {
        #[kwarg]
        revision: u32,
    },
    #[error(internal)]
    Database(#[from] rusqlite::Error),
    #[error(internal)]
    Event(#[from] EncodeError),
}

/// What a search found.
#[derive(Debug, Serialize)]
pub(crate) struct Found {
    documents: Vec<Summary>,
}

/// An event: what happened to a document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    document_id: i64,
    /// The new revision; none if the document was deleted.
    revision: Option<u32>,
}

/// Fetches one document.
#[procedure("docs.getDocument", rename_all = "camelCase", blocking)]
fn get_document(document_id: i64, library: State<'_, Library>) -> Result<Document, DocsError> {
    library
        .get(document_id)?
        .ok_or(DocsError::NotFound { document_id })
}

/// Finds documents by a text in their title or body.
#[procedure("docs.search", blocking)]
fn search(
    query: &str,
    #[arg(default = 10)] limit: u32,
    library: State<'_, Library>,
) -> Result<Found, DocsError> {
    let documents = library.search(query, limit)?;
    Ok(Found { documents })
}

/// Replaces the text of a document that is at `revision`, and returns its new revision.
#[procedure("docs.updateDocument", rename_all = "camelCase", blocking)]
fn update_document(
    document_id: i64,
    revision: u32,
    body: &str,
    library: State<'_, Library>,
    realm: &Realm,
) -> Result<u32, DocsError> {
    match library.update(document_id, revision, body)? {
        Update::Done { revision } => {
            announce(
                realm,
                &Change {
                    document_id,
                    revision: Some(revision),
                },
            )?;
            Ok(revision)
        }
        Update::Conflict { revision } => Err(DocsError::Conflict { revision }),
        Update::NotFound => Err(DocsError::NotFound { document_id }),
    }
}

/// Deletes a document.
#[procedure("docs.deleteDocument", rename_all = "camelCase", blocking)]
fn delete_document(
    document_id: i64,
    library: State<'_, Library>,
    realm: &Realm,
) -> Result<(), DocsError> {
    if !library.delete(document_id)? {
        return Err(DocsError::NotFound { document_id });
    }
    Ok(announce(
        realm,
        &Change {
            document_id,
            revision: None,
        },
    )?)
}

/// The changes of all documents.
#[topic("docs.changes")]
async fn changes() {}

/// The changes of one document, which must exist.
#[topic("docs.{id}.changes")]
async fn changes_of(id: i64, library: SharedState<Library>) -> Result<(), CallError> {
    let document = spawn_blocking(move || get_document(id, State(&library))).await?;
    document.map(drop).map_err(IntoError::into_error)
}

fn announce(realm: &Realm, change: &Change) -> Result<(), EncodeError> {
    realm.publish(&format!("docs.{}.changes", change.document_id), change)?;
    realm.publish("docs.changes", change)?;
    Ok(())
}

/// Annotated functions are still functions.
#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> Library {
        let library = Library::open(":memory:").unwrap();
        library.fill_if_empty().unwrap();
        library
    }

    #[test]
    fn a_document_is_found_and_fetched() {
        let library = library();
        let found = search("tides in riga", 10, State(&library)).unwrap();
        let [summary] = &found.documents[..] else {
            panic!("one document, not {found:?}")
        };
        let document = get_document(summary.id, State(&library)).unwrap();
        assert_eq!(document.title, "Tides in Riga");
    }

    #[test]
    fn a_document_that_is_not_there_is_an_error_with_its_id() {
        let error = get_document(-1, State(&library())).unwrap_err();
        assert!(matches!(error, DocsError::NotFound { document_id: -1 }));
    }
}
