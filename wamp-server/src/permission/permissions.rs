//! What roles may do.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::roles::Roles;
use super::rule::Rule;
use crate::router::patterns::Patterns;

/// The rules of each role. What no rule of its role speaks of, a session may not do; a role that is not here may do nothing.
///
/// The rule that fits best decides: that for the URI itself, else the longest prefix, else the most specific wildcard.
///
/// Whoever subscribes to a pattern, or registers one, needs a rule that covers the whole pattern. What a rule for some of its URIs forbids
/// stays forbidden: the events of such topics are left out.
///
/// The router's own procedures and topics, which begin with `wamp.`, are subject to the rules as well. What gives power over other sessions
/// is granted only by a rule that itself begins with `wamp.`: `wamp.session.kill`, `kill_by_authid`, `kill_by_authrole`, `kill_all`,
/// `wamp.registration.remove_callee` and `wamp.subscription.remove_subscriber`. `Rule::prefix("")` lets ask, but not kill. What it does not
/// grant is for the authorizer, if there is one.
///
/// ```
/// use wamp_server::Realm;
/// use wamp_server::permission::{Permissions, Rule};
///
/// let permissions = Permissions::new()
///     .role("admin", [Rule::prefix("").all(), Rule::prefix("wamp.session.kill").call()])
///     .role("customer", [Rule::prefix("shop.").call(), Rule::exact("shop.orders")]);
/// let realm = Realm::new("shop").permissions(permissions);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Permissions {
    roles: HashMap<String, Vec<Rule>>,
}

impl Permissions {
    /// Nobody may do anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds rules of a role.
    pub fn role(mut self, role: impl Into<String>, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.roles.entry(role.into()).or_default().extend(rules);
        self
    }

    /// Adds the roles and rules of another source.
    pub fn extend(mut self, other: Self) -> Self {
        for (role, rules) in other.roles {
            self = self.role(role, rules);
        }
        self
    }
}

/// A rule that cannot be used, and why.
#[derive(Debug)]
pub(crate) struct BadRule {
    pub(crate) role: String,
    pub(crate) uri: String,
    pub(crate) reason: String,
}

/// Puts the rules into tables; what cannot be used is reported.
pub(crate) fn compile(permissions: Permissions) -> (Roles, Vec<BadRule>) {
    let mut roles = HashMap::new();
    let mut bad = Vec::new();
    for (role, rules) in permissions.roles {
        let mut table = Patterns::default();
        for Rule {
            uri,
            matching,
            mut grant,
        } in rules
        {
            grant.names_router = uri.starts_with("wamp.");
            let checked = wamp_uri::check_pattern(&uri, matching, wamp_uri::Rule::Loose);
            let reason = match checked {
                Err(error) => error.to_string(),
                Ok(()) => match table.insert(uri.clone(), matching, grant) {
                    Ok(()) => continue,
                    Err(_) => "the role has another rule for it".to_owned(),
                },
            };
            bad.push(BadRule {
                role: role.clone(),
                uri,
                reason,
            });
        }
        if let Entry::Vacant(place) = roles.entry(role) {
            place.insert(Arc::new(table));
        }
    }
    bad.sort_by(|a, b| (&a.role, &a.uri).cmp(&(&b.role, &b.uri)));
    (Roles::new(roles), bad)
}
