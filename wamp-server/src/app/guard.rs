//! Who may come in and what they may do, checked.

use std::sync::Arc;

use wamp_uri::Rule;

use super::problem::Problem;
use super::source::Source;
use crate::auth::{ANONYMOUS, Methods};
use crate::permission::{Authorization, Disclosure, compile};
use crate::realm::RealmBuilder;
use crate::realm::config::Config;

/// Takes what a realm's configuration says about it.
pub(crate) fn guard(
    name: Option<&str>,
    config: &mut Config,
    problems: &mut Vec<Problem>,
) -> (Option<Arc<Methods>>, Authorization) {
    let realm = || named(name);
    let auth = std::mem::take(&mut config.auth);
    let repeated = auth.repeated().into_iter();
    problems.extend(repeated.map(|method| Problem::DuplicateAuthMethod {
        realm: realm(),
        method: method.to_string(),
    }));
    if let Err(error) = wamp_uri::check(auth.denied_as(), Rule::Loose) {
        problems.push(Problem::InvalidReason {
            realm: realm(),
            reason: auth.denied_as().to_owned(),
            mistake: error.to_string(),
        });
    }
    if let Err(reason) = auth.decoys.check() {
        problems.push(Problem::BadDecoys {
            realm: realm(),
            reason,
        });
    }
    let roles = config.permissions.take().map(|permissions| {
        let (roles, bad) = compile(permissions);
        problems.extend(bad.into_iter().map(|rule| Problem::BadRule {
            realm: realm(),
            role: rule.role,
            uri: rule.uri,
            reason: rule.reason,
        }));
        roles
    });
    let authorization = Authorization {
        roles,
        authorizer: config.authorizer.take(),
        disclosure: config.disclosure,
        hidden: config.hidden,
        ..Authorization::default()
    };
    ((!auth.is_empty()).then(|| Arc::new(auth)), authorization)
}

pub(crate) fn named(realm: Option<&str>) -> String {
    match realm {
        Some(name) => format!("the realm `{name}`"),
        None => "the default realm".to_owned(),
    }
}

/// Where somebody has to authenticate, a realm in which nobody has to is more likely a mistake than a wish: wishes are said.
pub(super) fn unguarded(
    default: &Config,
    default_realm: bool,
    realms: &[RealmBuilder],
) -> Vec<Problem> {
    let named_realms = realms.iter().map(|it| (Some(it.name.as_str()), &it.config));
    let all = named_realms.chain(default_realm.then_some((None, default)));
    let (open, guarded) = all.partition::<Vec<_>, _>(|(_, config)| config.auth.is_empty());
    if guarded.is_empty() {
        return Vec::new();
    }
    let open = open.into_iter();
    open.map(|(name, _)| Problem::UnguardedRealm { realm: named(name) })
        .collect()
}

/// A handler for roles that nobody can have: where everybody is anonymous, or where there are no such roles.
pub(super) fn unreachable(
    source: &Source,
    is_open: bool,
    authorization: &Authorization,
) -> Option<Problem> {
    let can_be_had = |role: &&str| match (&authorization.roles, &authorization.authorizer) {
        (Some(roles), None) => roles.contains(role),
        _ => !is_open || *role == ANONYMOUS,
    };
    let roles = source.roles();
    let reachable = roles.is_empty() || roles.iter().any(can_be_had);
    (!reachable).then(|| Problem::NobodyInRole {
        kind: source.kind,
        uri: source.uri.clone(),
        location: source.location,
        roles: roles.join(", "),
    })
}

/// A handler that asks for what its realm tells nobody.
pub(super) fn contradictory(source: &Source, authorization: &Authorization) -> Option<Problem> {
    let contradicts = source.discloses_caller() && authorization.disclosure == Disclosure::Refused;
    contradicts.then(|| Problem::NothingDisclosed {
        kind: source.kind,
        uri: source.uri.clone(),
        location: source.location,
    })
}
