//! Who may come in and what they may do, checked.

use std::sync::Arc;

use super::build::Source;
use super::problem::Problem;
use crate::auth::{ANONYMOUS, Methods};
use crate::permission::{Authorization, compile};
use crate::realm::config::Config;

/// Takes what a realm's configuration says about it.
pub(super) fn guard(
    name: &Option<String>,
    config: &mut Config,
    problems: &mut Vec<Problem>,
) -> (Option<Arc<Methods>>, Authorization) {
    let realm = || match name {
        Some(name) => format!("the realm `{name}`"),
        None => "the default realm".to_owned(),
    };
    let auth = std::mem::take(&mut config.auth);
    let repeated = auth.repeated().into_iter();
    problems.extend(repeated.map(|method| Problem::DuplicateAuthMethod {
        realm: realm(),
        method: method.to_string(),
    }));
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

/// A handler for roles, where everybody is anonymous.
pub(super) fn unreachable(source: &Source, config: &Config) -> Option<Problem> {
    let roles = source.roles();
    let reachable = roles.is_empty() || roles.contains(&ANONYMOUS) || !config.auth.is_empty();
    (!reachable).then(|| Problem::NobodyInRole {
        kind: source.kind,
        uri: source.uri.clone(),
        location: source.location,
        roles: roles.join(", "),
    })
}
