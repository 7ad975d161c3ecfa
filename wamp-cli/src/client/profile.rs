//! Profiles: connections by name, in a file.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::DeTable;
use wamp_client::proto::message::Secret;

use super::options::{MethodWord, SerializerWord};
use crate::config::ConfigError;
use crate::config::mistakes::Notes;
use crate::config::reading::{Section, Value};
use crate::config::secret::secret;

/// What a profile says; nothing, if there is none.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub(super) url: Option<String>,
    pub(super) realm: Option<String>,
    pub(super) serializer: Option<SerializerWord>,
    pub(super) authid: Option<String>,
    pub(super) authmethod: Option<MethodWord>,
    pub(super) ticket: Option<Secret>,
    pub(super) secret: Option<Secret>,
    pub(super) private_key: Option<Secret>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) cert: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) headers: Vec<Secret>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) timeout: Option<Duration>,
}

impl Profile {
    /// The profile of this name; without a name, the one that is called `default`, if there is one.
    ///
    /// # Errors
    ///
    /// When there is no such profile, and all mistakes in it.
    pub(super) fn load(name: Option<&str>) -> Result<Self, ConfigError> {
        let path = match (file(), name) {
            (Some(path), _) => path,
            (None, None) => return Ok(Self::default()),
            (None, Some(_)) => {
                return Err(ConfigError::whole(
                    "there is no home directory to look for profiles in; WAMP_PROFILES names their file",
                ));
            }
        };
        let shown = path.display().to_string();
        let text = match (fs::read_to_string(&path), name) {
            (Ok(text), _) => text,
            (Err(error), None) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            (Err(error), _) => {
                return Err(ConfigError::whole(format!(
                    "{shown}: cannot be read: {error}"
                )));
            }
        };
        let notes = Notes::default();
        let profile = parse(&text, name, &path, &notes);
        notes.finish(&shown, &text)?;
        let profile = profile.unwrap_or_default();
        if profile.has_secrets && is_for_others(&path) {
            tracing::warn!(
                "{shown} has secrets in it, and others can read it; try `chmod 600 {shown}`"
            );
        }
        Ok(profile.profile)
    }
}

#[derive(Default)]
struct Found {
    profile: Profile,
    /// In the file itself.
    has_secrets: bool,
}

/// Where profiles are.
fn file() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|it| !it.is_empty());
    if let Some(path) = variable("WAMP_PROFILES") {
        return Some(path.into());
    }
    let folder = variable("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| Some(env::home_dir()?.join(".config")))?;
    Some(folder.join("wamp").join("profiles.toml"))
}

fn parse(text: &str, name: Option<&str>, path: &Path, notes: &Notes) -> Option<Found> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(0, |it| it.start);
        notes.add(at, error.message());
    }
    if !errors.is_empty() {
        return None;
    }
    let table = table.get_ref();
    let Some(value) = table.get(name.unwrap_or("default")) else {
        if let Some(name) = name {
            let known = table.keys().map(|it| format!("`{}`", it.get_ref()));
            let known = match known.collect::<Vec<_>>() {
                none if none.is_empty() => "none at all".to_owned(),
                some => some.join(", "),
            };
            let mistake = format!("there is no profile `{name}`; there are {known}");
            notes.add(0, mistake);
        }
        return None;
    };
    let at = value.span().start;
    let Some(table) = value.get_ref().as_table() else {
        let mistake = "a profile is a table, as in `[default]`, with `url`, `realm` and so on";
        notes.add(at, mistake);
        return None;
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    Some(Section::read(table, at, notes, |it| read(it, folder)))
}

fn read(section: &mut Section<'_>, folder: &Path) -> Found {
    let mut has_secrets = false;
    let mut hidden = |section: &mut Section<'_>, key| {
        let secret = section.get(key, |value| {
            has_secrets |= value.is_text();
            secret(value, folder)
        });
        secret.map(|it| it.value)
    };
    let ticket = hidden(section, "ticket");
    let password = hidden(section, "secret");
    let private_key = hidden(section, "private_key");
    let headers = section.list("headers", |value| secret(value, folder));
    let headers = headers.unwrap_or_default();
    let is_plain = |value: Value<'_>| value.is_text();
    has_secrets |= section
        .list("headers", |value| Some(is_plain(value)))
        .is_some_and(|all| all.iter().any(|it| it.value));
    let mut path = |key| section.text(key).map(|it| folder.join(&it.value));
    let (ca_file, cert, key) = (path("ca_file"), path("cert"), path("key"));
    let serializer = section.get("serializer", |value| value.parsed(SerializerWord::parse));
    let authmethod = section.get("authmethod", |value| value.parsed(MethodWord::parse));
    let profile = Profile {
        authmethod: authmethod.map(|it| it.value),
        url: section.text("url").map(|it| it.value),
        realm: section.text("realm").map(|it| it.value),
        serializer: serializer.map(|it| it.value),
        authid: section.text("authid").map(|it| it.value),
        ticket,
        secret: password,
        private_key,
        ca_file,
        cert,
        key,
        headers: headers.into_iter().map(|it| it.value).collect(),
        connect_timeout: section.duration("connect_timeout").map(|it| it.value),
        timeout: section.duration("timeout").map(|it| it.value),
    };
    Found {
        profile,
        has_secrets,
    }
}

#[cfg(unix)]
fn is_for_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    fs::metadata(path).is_ok_and(|it| it.permissions().mode() & 0o044 != 0)
}

/// Who may read a file is said in other ways here.
#[cfg(not(unix))]
fn is_for_others(_: &Path) -> bool {
    false
}
