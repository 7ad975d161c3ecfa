//! Reading a configuration, until all of its mistakes are known.

use std::fs;

use toml::de::DeTable;
use wamp_server::app::Problem;

use super::limits::{self, GivenLimits};
use super::mistakes::{ConfigError, Notes, Place};
use super::reading::{At, Section};
use super::realm::{ANY, RealmConfig};
use super::service::{GivenHandshake, Service};
use super::{Config, Endpoint, Listener, Sources};
use crate::exit::Chain;

/// Where a router listens that nobody has told otherwise.
const ADDRESS: &str = "127.0.0.1:8080";

impl Config {
    /// Reads it, and checks all that can be checked without listening. That takes time: it is nothing for a thread that others wait for.
    ///
    /// # Errors
    ///
    /// All mistakes.
    pub(crate) fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let text = match &sources.file {
            None => String::new(),
            Some(path) => fs::read_to_string(path).map_err(|error| {
                let name = sources.name();
                ConfigError::whole(format!("{name}: cannot be read: {error}"))
            })?,
        };
        let notes = Notes::default();
        let config = Self::parse(sources, &text, &notes);
        notes.finish(&sources.name(), &text)?;
        config.ok_or_else(|| ConfigError::whole("the configuration cannot be understood"))
    }

    fn parse(sources: &Sources, text: &str, notes: &Notes) -> Option<Self> {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let at = error.span().map_or(0, |it| it.start);
            notes.add(at, error.message());
        }
        if !errors.is_empty() {
            // What has been made of the rest would only mislead.
            return None;
        }
        let read = |section: &mut Section<'_>| read(section, sources);
        let mut found = Section::read(table.get_ref(), 0, notes, read);
        take_over(sources, &mut found, notes);
        contradictions(&found, notes);
        let Found {
            listeners,
            service,
            handshake,
            limits: GivenLimits { limits, places },
            realms,
            guarded: _,
        } = found;
        let config = Self {
            listeners: listeners.into_iter().map(|it| it.value).collect(),
            service,
            handshake,
            limits,
            realms,
            replaceable: sources.file.is_some(),
        };
        if notes.is_empty() {
            let place = |problem: &Problem| match problem {
                Problem::BadLimit { name, reason } => {
                    // It may be wrong beside another one, which was given.
                    let is_meant = |it: &str| reason.contains(&format!("`{it}`"));
                    let other = || places.keys().find(|it| is_meant(it));
                    let given = places.get(name);
                    given.or_else(|| places.get(other()?)).cloned()
                }
                Problem::BadHandshake { list, entry, .. } => {
                    Some(config.handshake.place(list, entry).into())
                }
                Problem::ContradictoryHandshake { .. } => Some(config.handshake.at.into()),
                _ => None,
            };
            config.check(sources, notes, place);
        }
        Some(config)
    }

    /// Whether a server can be built from it.
    fn check(&self, sources: &Sources, notes: &Notes, place: impl Fn(&Problem) -> Option<Place>) {
        let app = match self.app(&sources.salting) {
            Ok(app) => app,
            Err((place, mistake)) => return notes.add(place, mistake),
        };
        let Err(error) = app.build() else {
            return;
        };
        for problem in error.problems() {
            let place = place(problem).unwrap_or_else(|| Place::Named("configuration".to_owned()));
            let mistake = match problem {
                Problem::BadHandshake { entry, reason, .. } => format!("`{entry}` {reason}"),
                Problem::ContradictoryHandshake { reason } => (*reason).to_owned(),
                other => Chain(other).to_string(),
            };
            notes.add(place, mistake);
        }
    }
}

/// What a file says.
struct Found {
    listeners: Vec<At<Listener>>,
    service: Service,
    handshake: GivenHandshake,
    limits: GivenLimits,
    realms: Vec<RealmConfig>,
    /// Whether the file has a realm, served or not, that does not let everybody in.
    guarded: bool,
}

fn read(section: &mut Section<'_>, sources: &Sources) -> Found {
    let folder = sources.folder();
    let notes = section.notes;
    let listeners = section.sections("listener", |it| Listener::read(it, folder));
    let service = section.get("server", |it| it.section(Service::read));
    let handshake = section.get("handshake", |it| it.section(GivenHandshake::read));
    let limits = section.get("limits", |value| {
        value.section(|it| limits::read(Some(it), notes))
    });
    let realms = section.sections("realm", |it| RealmConfig::read(it, folder));
    let realms = realms.into_iter().flatten().collect::<Vec<_>>();
    Found {
        guarded: realms.iter().any(|it| it.access.is_guarded()),
        listeners: listeners.into_iter().flatten().collect(),
        service: service.map(|it| it.value).unwrap_or_default(),
        handshake: handshake.map(|it| it.value).unwrap_or_default(),
        limits: limits.map_or_else(|| limits::read(None, notes), |it| it.value),
        realms,
    }
}

/// What is said elsewhere comes first, defaults come last.
fn take_over(sources: &Sources, found: &mut Found, notes: &Notes) {
    if !sources.realms.is_empty() {
        let known = std::mem::take(&mut found.realms);
        for name in &sources.realms {
            // A name that is said twice is one realm; one that is in the file twice is a mistake.
            if found.realms.iter().any(|it| it.name.value == *name) {
                continue;
            }
            let same = known.iter().filter(|it| it.name.value == *name);
            found.realms.extend(same.cloned());
            if found.realms.last().is_none_or(|it| it.name.value != *name) {
                let any = known.iter().find(|it| it.name.value == ANY);
                found.realms.push(match any {
                    Some(any) => any.called(name),
                    None => RealmConfig::open(name),
                });
            }
        }
    } else if found.realms.is_empty() {
        found.realms.push(RealmConfig::open(ANY));
    }
    let is_silent = found.listeners.is_empty() && notes.is_empty();
    let default = is_silent.then(|| Listener {
        endpoint: Endpoint::Tcp(ADDRESS.to_owned()),
        tls: None,
    });
    let others = match &*sources.listen {
        [] => default.into_iter().collect(),
        said => said.to_vec(),
    };
    if !others.is_empty() {
        let others = others.into_iter().map(|value| At { value, at: 0 });
        found.listeners = others.collect();
    }
}

/// Where something was said that may have been said by an option: there is no value at the beginning of a file.
fn place(at: usize, option: &str) -> Place {
    match at {
        0 => Place::Named(option.to_owned()),
        at => at.into(),
    }
}

/// What does not go together although each part is right.
fn contradictions(found: &Found, notes: &Notes) {
    for (index, listener) in found.listeners.iter().enumerate() {
        let mut before = found.listeners.iter().take(index);
        if before.any(|it| listener.conflicts_with(it)) {
            let mistake = format!("`{}` is listened on twice", listener.endpoint);
            notes.add(place(listener.at, "--listen"), mistake);
        }
    }
    for (index, realm) in found.realms.iter().enumerate() {
        let name = &realm.name;
        let mut before = found.realms.iter().take(index);
        if before.any(|it| it.name.value == name.value) {
            let mistake = format!("the realm `{}` is there twice", name.value);
            notes.add(place(name.at, "--realm"), mistake);
        }
        if found.guarded && !realm.access.is_guarded() {
            let mistake = format!(
                "nobody has to authenticate in the realm `{}`, while others ask for it: add a principal, or `anonymous = \"…\"` if that is meant",
                name.value
            );
            notes.add(place(name.at, "--realm"), mistake);
        }
        let store = realm.options.store();
        let mut before = found.realms.iter().take(index);
        if store.is_some() && before.any(|it| it.options.store() == store) {
            let mistake = format!(
                "the realm `{}` keeps its history in the file of another one: each needs its own",
                name.value
            );
            notes.add(place(name.at, "--realm"), mistake);
        }
    }
    let asks = |it: &At<Listener>| {
        let tls = it.tls.as_ref();
        tls.is_some_and(super::listener::ListenerTls::asks_for_certificates)
    };
    if !found.listeners.iter().any(asks) {
        let principals = found.realms.iter().flat_map(|it| &it.access.principals);
        for place in principals.filter_map(super::principal::Principal::certificates) {
            notes.add(
                place,
                "no listener asks for certificates: give one `tls` with `client_ca`",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;
    use wamp_proto::message::Secret;
    use wamp_server::Limits;

    use super::*;

    const EXAMPLE: &str = include_str!("../../wamp.example.toml");

    fn sources() -> Sources {
        Sources {
            file: Some(PathBuf::from("wamp.toml")),
            listen: Vec::new(),
            realms: Vec::new(),
            salting: Secret::new("0123456789abcdef"),
        }
    }

    fn parse(text: &str) -> (Option<Config>, Result<(), ConfigError>) {
        let notes = Notes::default();
        let config = Config::parse(&sources(), text, &notes);
        (config, notes.finish("wamp.toml", text))
    }

    #[test]
    fn the_example_tells_the_defaults() {
        let (config, mistakes) = parse(EXAMPLE);
        mistakes.expect("it is right");
        let config = config.expect("it is understood");
        assert_eq!(config.limits, Limits::default());
        let (default, _) = parse("");
        let default = default.expect("nothing is needed");
        assert_eq!(config.listeners, default.listeners);
        assert_eq!(config.service.rawsocket, default.service.rawsocket);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// Whatever is cut out of a file and put into it: there is no panic, and each mistake has a place in it.
        #[test]
        fn every_text_is_read_or_has_mistakes_with_places(
            cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, "[\\[\\]{}=\"., a-z0-9\n]{0,6}"), 1..4),
        ) {
            // Deriving a key from a password would take most of the time.
            let mut text = EXAMPLE.replace("wamp_scram = {", "# {");
            for (place, len, other) in cuts {
                let mut chars = text.chars().collect::<Vec<_>>();
                let begin = place.index(chars.len());
                let end = chars.len().min(begin + len);
                chars.splice(begin..end, other.chars());
                text = chars.into_iter().collect();
            }
            let (config, mistakes) = parse(&text);
            match mistakes {
                Ok(()) => prop_assert!(config.is_some()),
                Err(mistakes) => for mistake in mistakes.to_string().lines() {
                    let place = mistake.strip_prefix("wamp.toml:").unwrap_or_default();
                    let mut numbers = place.split(':').map(str::parse::<usize>);
                    let (line, column) = (numbers.next(), numbers.next());
                    prop_assert!(matches!((line, column), (Some(Ok(1..)), Some(Ok(1..)))), "{}", mistake);
                },
            }
        }
    }
}
