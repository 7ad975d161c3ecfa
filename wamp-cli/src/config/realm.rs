//! `[[realm]]`: who may come in, what they may do there, and how the router behaves.

use std::path::Path;

use wamp_proto::message::{Overflow, Secret};
use wamp_server::Retention;
use wamp_server::permission::Disclosure;
use wamp_server::realm::Ordering;
use wamp_uri::Rule;

use super::history::History;
use super::principal::Principal;
use super::reading::{At, Section, Value};
use super::role::Role;

/// The name of the realm that stands for all names which no other has.
pub(crate) const ANY: &str = "*";

/// A realm.
#[derive(Clone)]
pub(crate) struct RealmConfig {
    pub(crate) name: At<String>,
    pub(crate) access: Access,
    pub(crate) options: RealmOptions,
}

/// Who may come in and what they may do, which can be changed while the router runs.
#[derive(Clone, Default)]
pub(crate) struct Access {
    /// The role of those who do not authenticate.
    pub(crate) anonymous: Option<At<String>>,
    pub(crate) decoy_secret: Option<Secret>,
    pub(crate) principals: Vec<Principal>,
    pub(crate) roles: Vec<Role>,
    pub(crate) meta_control: bool,
}

/// How the router behaves, which cannot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RealmOptions {
    pub(crate) meta_api: bool,
    pub(crate) strict: bool,
    pub(crate) strict_request_ids: bool,
    pub(crate) ordering: Ordering,
    pub(crate) overflow: Overflow,
    pub(crate) disclosure: Disclosure,
    pub(crate) hide_unauthorized: bool,
    pub(crate) retention: Retention,
    pub(crate) history: Option<History>,
}

impl Default for RealmOptions {
    fn default() -> Self {
        Self {
            meta_api: true,
            strict: false,
            strict_request_ids: false,
            ordering: Ordering::Concurrent,
            overflow: Overflow::Disconnect,
            disclosure: Disclosure::OnRequest,
            hide_unauthorized: false,
            retention: Retention::default(),
            history: None,
        }
    }
}

impl RealmConfig {
    /// One without principals and rules.
    pub(crate) fn open(name: impl Into<String>) -> Self {
        Self {
            name: At {
                value: name.into(),
                at: 0,
            },
            access: Access::default(),
            options: RealmOptions::default(),
        }
    }

    /// What the file says of all names that it does not name, for one of them.
    pub(crate) fn called(&self, name: impl Into<String>) -> Self {
        let mut realm = self.clone();
        realm.name = At {
            value: name.into(),
            at: 0,
        };
        realm
    }

    pub(super) fn read(section: &mut Section<'_>, folder: &Path) -> Option<Self> {
        let name = section.need("name", |value| {
            value.parsed(|name| {
                if name != ANY {
                    let checked = wamp_uri::check(name, Rule::Loose);
                    checked.map_err(|error| format!("`{name}` is no name of a realm: {error}"))?;
                }
                Ok(name.to_owned())
            })
        });
        let access = Access::read(section, folder);
        let options = RealmOptions::read(section, folder);
        if !options.meta_api {
            for key in ["meta_control", "history"] {
                if let Some(place) = section.place(key) {
                    let mistake = format!("`{key}` has no effect without `meta_api`");
                    section.notes.add(place, mistake);
                }
            }
        }
        let name = name?;
        access.check(section, &name);
        Some(Self {
            name,
            access,
            options,
        })
    }
}

impl Access {
    fn read(section: &mut Section<'_>, folder: &Path) -> Self {
        let meta_control = section.flag("meta_control").is_some_and(|it| it.value);
        let decoy_secret = section.get("decoy_secret", |value| {
            let secret = super::secret::secret(value, folder)?;
            match secret.expose().len() {
                ..16 => value.refuse("the secret needs at least 16 bytes"),
                _ => Some(secret),
            }
        });
        let anonymous = section.text("anonymous");
        let roles = section.sections("role", Role::read);
        let principals = section.sections("principal", |it| Principal::read(it, folder));
        Self {
            anonymous,
            decoy_secret: decoy_secret.map(|it| it.value),
            principals: principals.into_iter().flatten().collect(),
            roles: roles.into_iter().flatten().collect(),
            meta_control,
        }
    }

    /// Finds what contradicts itself.
    fn check(&self, section: &Section<'_>, name: &At<String>) {
        let notes = section.notes;
        for (index, role) in self.roles.iter().enumerate() {
            let before = self.roles.iter().take(index);
            if before.into_iter().any(|it| *it.name == *role.name) {
                let mistake = format!("the role `{}` is there twice", role.name.value);
                notes.add(role.name.at, mistake);
            }
        }
        super::principal::check(&self.principals, notes);
        if self.roles.is_empty() {
            return;
        }
        if self.meta_control
            && let Some(place) = section.place("meta_control")
        {
            notes.add(
                place,
                "`meta_control` has no effect where there are roles: give one a permission that begins with `wamp.`",
            );
        }
        let is_missing = |role: &str| self.roles.iter().all(|it| *it.name != role);
        let named = self.principals.iter().map(|it| &it.role);
        for role in named.chain(&self.anonymous) {
            if is_missing(role) {
                let mistake = format!("there is no role `{}` in this realm", role.value);
                notes.add(role.at, mistake);
            }
        }
        if self.principals.is_empty() && self.anonymous.is_none() && is_missing(ANONYMOUS) {
            let mistake = format!(
                "everybody comes into this realm as `{ANONYMOUS}`, and there is no such role"
            );
            notes.add(name.at, mistake);
        }
    }

    /// Whether somebody has to authenticate, or may.
    pub(crate) fn is_guarded(&self) -> bool {
        !self.principals.is_empty() || self.anonymous.is_some()
    }
}

/// The role of everybody where nothing else is said.
pub(super) const ANONYMOUS: &str = "anonymous";

impl RealmOptions {
    /// The file that events are kept in.
    pub(super) fn store(&self) -> Option<&Path> {
        self.history.as_ref()?.sqlite.as_deref()
    }

    fn read(section: &mut Section<'_>, folder: &Path) -> Self {
        let default = Self::default();
        let is_set = |section: &mut Section<'_>, key| section.flag(key).map(|it| it.value);
        let retention = section.get("retention", |it| it.section(retention));
        let history = section.get("history", |value| {
            value.section(|it| History::read(it, folder)).flatten()
        });
        Self {
            meta_api: is_set(section, "meta_api").unwrap_or(true),
            strict: is_set(section, "strict").unwrap_or_default(),
            strict_request_ids: is_set(section, "strict_request_ids").unwrap_or_default(),
            hide_unauthorized: is_set(section, "hide_unauthorized").unwrap_or_default(),
            ordering: word(
                section,
                "ordering",
                &[
                    ("concurrent", Ordering::Concurrent),
                    ("sequential", Ordering::Sequential),
                ],
            )
            .unwrap_or(default.ordering),
            overflow: word(
                section,
                "overflow",
                &[
                    ("disconnect", Overflow::Disconnect),
                    ("drop_oldest", Overflow::DropOldest),
                    ("latest_only", Overflow::LatestOnly),
                ],
            )
            .unwrap_or(default.overflow),
            disclosure: word(
                section,
                "disclosure",
                &[
                    ("on_request", Disclosure::OnRequest),
                    ("forced", Disclosure::Forced),
                    ("refused", Disclosure::Refused),
                ],
            )
            .unwrap_or(default.disclosure),
            retention: retention.map_or(default.retention, |it| it.value),
            history: history.map(|it| it.value),
        }
    }
}

fn retention(section: &mut Section<'_>) -> Retention {
    let default = Retention::default();
    let max_topics = section.get("max_topics", Value::number);
    let max_bytes = section.size("max_bytes");
    Retention {
        max_topics: max_topics.map_or(default.max_topics, |it| it.value),
        max_bytes: max_bytes.map_or(default.max_bytes, |it| it.value),
        expiry: section.duration("expiry").map(|it| it.value),
    }
}

/// The value of a key that is one of some words.
pub(super) fn word<T: Copy>(
    section: &mut Section<'_>,
    key: &'static str,
    words: &[(&str, T)],
) -> Option<T> {
    let found = section.get(key, |value| value.parsed(|text| one_of(text, words)));
    found.map(|it| it.value)
}

/// What one of some words means.
pub(super) fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words = words.iter().map(|(word, _)| format!("\"{word}\""));
        let words = words.collect::<Vec<_>>().join(", ");
        format!("expected one of {words}, found \"{text}\"")
    })
}
