//! `history = { … }` of a realm: which events are kept, and where.

use std::path::{Path, PathBuf};
use std::time::Duration;

use wamp_server::RouterOptions;
use wamp_server::history::{HistoryError, MemoryOptions, MemoryStore, SqliteOptions, SqliteStore};
use wamp_uri::{Match, Rule};

use super::reading::{Section, Value};
use super::role::pattern;

/// Which events are kept, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct History {
    topics: Vec<(String, Match)>,
    /// `None`: in memory.
    pub(crate) sqlite: Option<PathBuf>,
    max_events: Option<usize>,
    max_bytes: Option<usize>,
    max_age: Option<Duration>,
}

impl History {
    pub(super) fn read(section: &mut Section<'_>, folder: &Path) -> Option<Self> {
        let topics = section.need("topics", |value| {
            let topics = value.items()?.into_iter();
            Some(topics.filter_map(topic).collect::<Vec<_>>())
        });
        let sqlite = section.get("sqlite", |value| {
            let path = folder.join(value.text()?);
            let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
            if path.is_dir() {
                return value.refuse("expected a file, found a folder");
            }
            if parent.is_some_and(|it| !it.is_dir()) {
                let path = path.display();
                return value.refuse(format!("the folder of `{path}` does not exist"));
            }
            Some(path)
        });
        let max_events = section.get("max_events", Value::number);
        let max_bytes = section.size("max_bytes");
        let max_age = section.duration("max_age");
        if let (Some(max_age), None) = (&max_age, section.place("sqlite")) {
            let mistake = "`max_age` needs `sqlite`: what is in memory has no age";
            section.notes.add(max_age.at, mistake);
        }
        Some(Self {
            topics: topics?.value,
            sqlite: sqlite.map(|it| it.value),
            max_events: max_events.map(|it| it.value),
            max_bytes: max_bytes.map(|it| it.value),
            max_age: max_age.map(|it| it.value),
        })
    }

    /// Opens the store.
    ///
    /// # Errors
    ///
    /// When the file is no such store.
    pub(crate) fn open(&self, options: RouterOptions) -> Result<RouterOptions, HistoryError> {
        let topics = self.topics.clone();
        let Some(path) = &self.sqlite else {
            let default = MemoryOptions::default();
            let store = MemoryStore::new(MemoryOptions {
                max_events: self.max_events.unwrap_or(default.max_events),
                max_bytes: self.max_bytes.unwrap_or(default.max_bytes),
            });
            return Ok(options.history(store, topics));
        };
        let default = SqliteOptions::default();
        let store = SqliteStore::open_with(
            path,
            SqliteOptions {
                max_events: self.max_events.unwrap_or(default.max_events),
                max_bytes: self.max_bytes.unwrap_or(default.max_bytes),
                max_age: self.max_age,
                ..default
            },
        )?;
        Ok(options.history(store, topics))
    }
}

/// `"a.topic"`, or `{ uri = "a.", match = "prefix" }`.
fn topic(value: Value<'_>) -> Option<(String, Match)> {
    if value.is_table() {
        return value.section(pattern).flatten();
    }
    let topic = value.parsed(|text| {
        let checked = wamp_uri::check(text, Rule::Loose);
        let text = text.to_owned();
        checked.map(|()| text).map_err(|error| error.to_string())
    })?;
    Some((topic, Match::Exact))
}
