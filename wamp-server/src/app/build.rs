//! From configuration to a server: every mistake is found before the first connection.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::SystemTime;

use tokio::sync::Semaphore;
use wamp_proto::message::Overflow;
use wamp_uri::Rule;

use super::App;
use super::guard::{contradictory, guard, unguarded, unreachable};
use super::problem::{BuildError, Problem};
use super::server::{Server, ServerParts};
use super::shared::{Shared, entropy};
use super::source::Source;
use crate::Limits;
use crate::handler::argument::Requirements;
use crate::handler::registered::{Needs, Registered};
use crate::handler::{Kind, Timeout};
use crate::history::guarded::Guarded;
use crate::realm::config::Config;
use crate::realm::options::{EventHistory, RouterOptions};
use crate::realm::upstream::Upstream;
use crate::realm::{Inner, Realm, meta};
use crate::router::broker::Broker;
use crate::router::dealer::Dealer;
use crate::router::handlers::Handlers;
use crate::router::keeping::{History, Keeping};
use crate::router::patterns::Patterns;
use crate::router::retained::Retention;

/// `joins`: the roles of callers are those of another router.
pub(super) fn build(app: App, joins: bool) -> Result<Server, BuildError> {
    let App {
        mut config,
        realms,
        default_realm,
        discovers,
        limits,
        paths,
        subprotocols,
        entrance,
    } = app;
    let mut problems = limits.problems();
    let usable = problems.is_empty();
    if discovers && config.definitions.is_empty() {
        problems.push(Problem::NothingDiscovered);
    }
    if subprotocols.is_empty() {
        problems.push(Problem::NoSubprotocol);
    }
    // With limits that cannot work, the rest is checked with others.
    let limits = if usable { limits } else { Limits::default() };
    let gate = entrance.check(&limits, &mut problems);
    let shared = Arc::new(Shared::new(limits));

    if !default_realm && config.is_guarded() {
        problems.push(Problem::GuardedNothing);
    }
    problems.extend(unguarded(&config, default_realm, &realms));
    let mut named = HashMap::new();
    for mut realm in realms {
        realm.config.states.inherit(&config.states);
        realm.config.factories.inherit(&config.factories);
        realm.config.ordering = realm.config.ordering.or(config.ordering);
        realm.config.overflow = realm.config.overflow.or(config.overflow);
        let strict = &mut realm.config.strict_request_ids;
        *strict = strict.or(config.strict_request_ids);
        if let Err(error) = wamp_uri::check(&realm.name, Rule::Loose) {
            let reason = error.to_string();
            problems.push(Problem::InvalidRealm {
                name: realm.name.clone(),
                reason,
            });
        }
        if named.contains_key(&realm.name) {
            problems.push(Problem::DuplicateRealm(realm.name.clone()));
        }
        named.insert(realm.name, realm.config);
    }
    for annotated in std::mem::take(&mut config.definitions) {
        match annotated.definition.realm {
            None => config.definitions.push(annotated),
            Some(name) => match named.get_mut(name) {
                Some(realm) => realm.definitions.push(annotated),
                None => problems.push(Problem::UnknownRealm {
                    kind: annotated.definition.kind,
                    uri: annotated.uri(),
                    location: annotated.definition.location,
                    realm: name.to_owned(),
                }),
            },
        }
    }
    if !default_realm {
        problems.extend(outside_of_any_realm(&config));
    }
    let context = Context {
        shared: &shared,
        joins,
    };
    let default = assemble(None, config, context, &mut problems);
    let realms = named
        .into_iter()
        .map(|(name, config)| {
            let realm = assemble(Some(name.clone()), config, context, &mut problems);
            (name, realm)
        })
        .collect();

    if !problems.is_empty() {
        return Err(BuildError::new(problems));
    }
    Ok(Server::new(ServerParts {
        realms,
        default: default_realm.then_some(default),
        paths,
        subprotocols,
        gate,
        shared,
    }))
}

fn outside_of_any_realm(config: &Config) -> Vec<Problem> {
    let annotated = config
        .definitions
        .iter()
        .map(|it| (it.definition.kind, it.uri(), it.definition.location));
    let closures = config
        .closures
        .iter()
        .map(|it| (it.kind, it.uri.clone().unwrap_or_default(), it.location));
    annotated
        .chain(closures)
        .map(|(kind, uri, location)| Problem::NoDefaultRealm {
            kind,
            uri,
            location,
        })
        .collect()
}

/// What all realms have in common.
#[derive(Clone, Copy)]
struct Context<'a> {
    shared: &'a Arc<Shared>,
    joins: bool,
}

fn assemble(
    name: Option<String>,
    mut config: Config,
    Context { shared, joins }: Context<'_>,
    problems: &mut Vec<Problem>,
) -> Realm {
    let is_open = config.auth.is_empty() && !joins;
    let (auth, authorization) = guard(name.as_deref(), &mut config, problems);
    let mut procedures = Handlers::default();
    let mut topics = Handlers::default();
    let mut subscribers = Handlers::default();
    let mut sessions = Vec::new();

    let annotated = config.definitions.iter().map(Source::from);
    let closures = config.closures.iter().map(Source::from);
    let router = config.router.take();
    let meta_api = router.as_ref().filter(|it| it.meta_api);
    let own = meta_api.map(|options| {
        let is_guarded = authorization.roles.is_some() || authorization.authorizer.is_some();
        meta::procedures(is_guarded || options.meta_control)
    });
    let own = own.unwrap_or_default();
    let own = own.iter().map(Source::reserved);
    for source in annotated.chain(closures).chain(own) {
        let (needs, requirements) = Needs::of(source.params);
        problems.extend(unmet(&source, &requirements, &config));
        problems.extend(unreachable(&source, is_open, &authorization));
        problems.extend(contradictory(&source, &authorization));
        let matcher = match source.matcher() {
            Ok(matcher) => matcher,
            Err(reason) => {
                problems.push(Problem::InvalidUri {
                    kind: source.kind,
                    uri: source.uri,
                    location: source.location,
                    reason,
                });
                continue;
            }
        };
        let registered = Arc::new(Registered {
            kind: source.kind,
            uri: matcher,
            location: source.location,
            timeout: match source.timeout {
                Timeout::Default => Some(shared.limits.handler_timeout),
                Timeout::None => None,
                Timeout::After(timeout) => Some(timeout),
            },
            needs,
            definition: source.definition,
            service: source.service.clone(),
            shown: source.uri.clone(),
            roles: source.roles(),
            discloses_caller: source.discloses_caller(),
            run: source.run,
            authenticated: source.definition.is_none_or(|it| it.authenticated),
            concurrency: source
                .concurrency
                .map(|permits| Arc::new(Semaphore::new(permits as usize))),
        });
        let table = match source.kind {
            Kind::Procedure => &mut procedures,
            Kind::Topic => &mut topics,
            Kind::Subscriber => &mut subscribers,
            Kind::Session => {
                sessions.push(registered);
                continue;
            }
        };
        if let Err(first) = table.register(registered) {
            problems.push(Problem::DuplicateUri {
                kind: source.kind,
                uri: source.uri,
                first: first.location,
                second: source.location,
            });
        }
    }
    let topics = Arc::new(topics);
    let dealer = Dealer::new(
        router.as_ref().is_some_and(|it| it.strict),
        shared.limits.max_invocations,
        authorization.roles.clone(),
        entropy,
    );
    let roles = authorization.roles.clone();
    let keeping = keeping(router.as_ref(), shared, problems);
    let announces = meta_api.is_some();
    let broker = Broker::new(Arc::clone(&topics), roles, announces, entropy, keeping);
    if router.is_some() {
        let now = SystemTime::now();
        procedures.iter().for_each(|it| dealer.add_local(it, now));
        subscribers.iter().for_each(|it| broker.add_local(it, now));
    }
    Realm::from_inner(Inner {
        name,
        auth: RwLock::new(auth),
        authorization,
        procedures,
        topics,
        subscribers,
        sessions,
        states: config.states,
        factories: config.factories,
        ordering: config.ordering.unwrap_or_default(),
        strict_request_ids: config.strict_request_ids.unwrap_or_default(),
        overflow: config.overflow.unwrap_or(Overflow::Disconnect),
        message_handler: config.message_handler,
        broker,
        dealer,
        router,
        upstream: Upstream::default(),
        shared: Arc::clone(shared),
    })
}

/// What the broker keeps of events.
fn keeping(
    router: Option<&RouterOptions>,
    shared: &Arc<Shared>,
    problems: &mut Vec<Problem>,
) -> Keeping {
    if let Some(options) = router.filter(|it| !it.meta_api) {
        let set = [
            (options.meta_control, "meta_control"),
            (options.history.is_some(), "history"),
        ];
        let useless = set.into_iter().filter(|(is_set, _)| *is_set);
        problems.extend(useless.map(|(_, option)| Problem::UselessOption {
            option,
            needs: "meta_api",
        }));
    }
    let retention = router.map_or_else(Retention::default, |it| it.retention.clone());
    let history = router.and_then(|it| it.history.as_ref());
    let history = history.map(|EventHistory { store, topics }| {
        let mut kept = Patterns::default();
        for (topic, matching) in topics {
            match wamp_uri::check_pattern(topic, *matching, Rule::Loose) {
                // Twice is as good as once.
                Ok(()) => drop(kept.insert(topic.clone(), *matching, ())),
                Err(error) => problems.push(Problem::InvalidHistory {
                    topic: topic.clone(),
                    reason: error.to_string(),
                }),
            }
        }
        History {
            store: Guarded::new(Arc::clone(store), Arc::clone(shared)),
            topics: kept,
        }
    });
    Keeping::new(retention, history)
}

fn unmet(source: &Source, requirements: &Requirements, config: &Config) -> Vec<Problem> {
    let place = || (source.kind, source.uri.clone(), source.location);
    let states = requirements
        .states
        .iter()
        .filter(|(id, _)| !config.states.contains(*id));
    let states = states.map(|(_, type_name)| {
        let (kind, uri, location) = place();
        Problem::MissingState {
            kind,
            uri,
            location,
            type_name,
        }
    });
    let factories = requirements
        .factories
        .iter()
        .filter(|(id, _)| !config.factories.contains(*id));
    let factories = factories.map(|(_, type_name)| {
        let (kind, uri, location) = place();
        Problem::MissingFactory {
            kind,
            uri,
            location,
            type_name,
        }
    });
    states.chain(factories).collect()
}
