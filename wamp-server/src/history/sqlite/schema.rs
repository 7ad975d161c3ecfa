//! What is in the file.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Result};

/// Tells a file of ours from others.
const APPLICATION_ID: i64 = 0x5741_4d50;
/// What the tables look like; another one is another version of this library.
const VERSION: i64 = 1;
/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// `number` is the place of an event in the order in which they were appended; `time` counts microseconds since 1970. The index of topics
/// is one of their numbers, too: SQLite adds them to every index. What is long comes last, because SQLite reads a row from its beginning.
const TABLES: &str = "
CREATE TABLE event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    publication INTEGER NOT NULL,
    topic TEXT NOT NULL,
    time INTEGER NOT NULL,
    receivers BLOB,
    format TEXT NOT NULL,
    details BLOB NOT NULL,
    args BLOB,
    kwargs BLOB
) STRICT;
CREATE INDEX event_publication ON event (publication);
CREATE INDEX event_topic ON event (topic);
CREATE INDEX event_time ON event (time);
";

/// Opens the file for writing, and makes it what it has to be.
pub(super) fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(path, flags)?;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let number =
        |name: &str| transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables = transaction.query_row(tables, [], |row| row.get::<_, i64>(0))?;
    let is_ours = (number("application_id")?, number("user_version")?) == (APPLICATION_ID, VERSION);
    if tables == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    } else if !is_ours {
        return Err(not_ours());
    }
    transaction.commit()?;
    // Readers and the writer do not wait for each other, and a commit waits for no disk.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    Ok(connection)
}

/// Opens the file for reading.
pub(super) fn open_to_read(path: &Path) -> Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

fn not_ours() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
    let text = "the file is a database, but not an event history that this version knows";
    rusqlite::Error::SqliteFailure(code, Some(text.to_owned()))
}
