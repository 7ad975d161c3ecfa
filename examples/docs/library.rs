//! The documents, in a SQLite database.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

/// All documents.
///
/// SQLite writes one change at a time anyway, so one connection behind a lock is enough; its calls block, and belong on threads
/// that may.
pub(crate) struct Library {
    connection: Mutex<Connection>,
}

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Document {
    pub(crate) id: i64,
    /// Counts the changes, from 1.
    pub(crate) revision: u32,
    pub(crate) title: String,
    pub(crate) body: String,
}

/// What a list of documents shows of each.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) id: i64,
    pub(crate) title: String,
}

/// What became of a change.
#[derive(Debug, PartialEq)]
pub(crate) enum Update {
    Done {
        revision: u32,
    },
    /// Somebody else was faster.
    Conflict {
        revision: u32,
    },
    NotFound,
}

impl Library {
    pub(crate) fn open(path: impl AsRef<Path>) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS documents (
                id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL
            ) STRICT",
        )?;
        Ok(Self {
            connection: Mutex::new(connection),
        })
    }

    /// Writes documents, unless there are some.
    pub(crate) fn fill_if_empty(&self) -> rusqlite::Result<()> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let documents: u32 =
            transaction.query_row("SELECT count(*) FROM documents", (), |row| row.get(0))?;
        if documents == 0 {
            let mut insert = transaction
                .prepare("INSERT INTO documents (revision, title, body) VALUES (1, ?1, ?2)")?;
            for (subject, place) in SUBJECTS
                .iter()
                .flat_map(|it| PLACES.map(|place| (it, place)))
            {
                let body = format!("What is known about {subject} in {place}, and what is not.");
                insert.execute(params![format!("{subject} in {place}"), body])?;
            }
        }
        transaction.commit()
    }

    pub(crate) fn get(&self, id: i64) -> rusqlite::Result<Option<Document>> {
        let connection = self.lock();
        let mut select = connection
            .prepare_cached("SELECT id, revision, title, body FROM documents WHERE id = ?1")?;
        select.query_row([id], document).optional()
    }

    /// The documents whose title or body contains a text, whatever its case, in order of their ids.
    pub(crate) fn search(&self, text: &str, limit: u32) -> rusqlite::Result<Vec<Summary>> {
        let connection = self.lock();
        let mut select = connection.prepare_cached(
            "SELECT id, title FROM documents
             WHERE instr(lower(title), lower(?1)) OR instr(lower(body), lower(?1))
             ORDER BY id LIMIT ?2",
        )?;
        let summary = |row: &Row<'_>| {
            Ok(Summary {
                id: row.get(0)?,
                title: row.get(1)?,
            })
        };
        select.query_map(params![text, limit], summary)?.collect()
    }

    /// Replaces the body of a document, if it is still at that revision.
    pub(crate) fn update(&self, id: i64, revision: u32, body: &str) -> rusqlite::Result<Update> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let current: Option<u32> = transaction
            .query_row(
                "SELECT revision FROM documents WHERE id = ?1",
                [id],
                |row| row.get(0),
            )
            .optional()?;
        match current {
            None => Ok(Update::NotFound),
            Some(current) if current != revision => Ok(Update::Conflict { revision: current }),
            Some(current) => {
                let revision = current + 1;
                transaction.execute(
                    "UPDATE documents SET revision = ?2, body = ?3 WHERE id = ?1",
                    params![id, revision, body],
                )?;
                transaction.commit()?;
                Ok(Update::Done { revision })
            }
        }
    }

    /// False if there is no such document.
    pub(crate) fn delete(&self, id: i64) -> rusqlite::Result<bool> {
        let deleted = self
            .lock()
            .execute("DELETE FROM documents WHERE id = ?1", [id])?;
        Ok(deleted > 0)
    }

    /// A panic while the lock was held has rolled its transaction back, so the connection is as good as before.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn document(row: &Row<'_>) -> rusqlite::Result<Document> {
    Ok(Document {
        id: row.get(0)?,
        revision: row.get(1)?,
        title: row.get(2)?,
        body: row.get(3)?,
    })
}

const SUBJECTS: [&str; 20] = [
    "Amber",
    "Bees",
    "Bridges",
    "Clouds",
    "Ferries",
    "Fog",
    "Glaciers",
    "Harbours",
    "Lighthouses",
    "Maps",
    "Mills",
    "Mosses",
    "Owls",
    "Peat",
    "Salt",
    "Storms",
    "Tides",
    "Trams",
    "Wells",
    "Whales",
];

const PLACES: [&str; 15] = [
    "Bergen",
    "Cádiz",
    "Dublin",
    "Essaouira",
    "Gdańsk",
    "Haarlem",
    "Kiel",
    "Lisbon",
    "Malmö",
    "Nantes",
    "Oulu",
    "Porto",
    "Riga",
    "Tórshavn",
    "Vigo",
];
