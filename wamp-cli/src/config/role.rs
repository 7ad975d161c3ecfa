//! `[[realm.role]]`: what the sessions of a role may do.

use wamp_server::permission::{Action, Rule};
use wamp_uri::Match;

use super::reading::{At, Section, Value};
use super::realm::{one_of, word};

/// A role, and its rules.
#[derive(Clone)]
pub(crate) struct Role {
    pub(crate) name: At<String>,
    pub(crate) rules: Vec<Rule>,
}

impl Role {
    pub(super) fn read(section: &mut Section<'_>) -> Option<Self> {
        let name = section.need("name", Value::text);
        let permissions = section.sections("permission", permission);
        let permissions = permissions.into_iter().flatten().collect::<Vec<_>>();
        for (index, rule) in permissions.iter().enumerate() {
            let mut before = permissions.iter().take(index);
            if before.any(|it| it.pattern == rule.pattern) {
                let mistake = format!("the role has another permission for `{}`", rule.pattern.0);
                section.notes.add(rule.at, mistake);
            }
        }
        Some(Self {
            name: name?,
            rules: permissions.into_iter().map(|it| it.rule).collect(),
        })
    }
}

struct Permission {
    at: usize,
    pattern: (String, Match),
    rule: Rule,
}

fn permission(section: &mut Section<'_>) -> Option<Permission> {
    let pattern = pattern(section);
    let at = section.place("uri").unwrap_or(section.at);
    let allowed = section.value("allow").and_then(actions);
    let disclose = section.flag("disclose").is_some_and(|it| it.value);
    let trust_level = section.get("trust_level", Value::number);
    let pattern = pattern?;
    let uri = pattern.0.clone();
    let rule = match pattern.1 {
        Match::Exact => Rule::exact(uri),
        Match::Prefix => Rule::prefix(uri),
        Match::Wildcard => Rule::wildcard(uri),
    };
    let mut rule = rule.allow(allowed.unwrap_or_default());
    if disclose {
        rule = rule.disclose();
    }
    if let Some(level) = trust_level {
        rule = rule.trust_level(level.value);
    }
    Some(Permission { at, pattern, rule })
}

/// A list of what is allowed, or `"all"`.
fn actions(value: Value<'_>) -> Option<Vec<Action>> {
    if value.is_text() {
        return value.parsed(|text| one_of(text, &[("all", ())])).map(|()| {
            let all = ACTIONS.iter().map(|(_, action)| *action);
            all.collect()
        });
    }
    let items = value.items()?.into_iter();
    let actions = items.filter_map(|it| it.parsed(|text| one_of(text, &ACTIONS)));
    Some(actions.collect())
}

const ACTIONS: [(&str, Action); 4] = [
    ("call", Action::Call),
    ("register", Action::Register),
    ("publish", Action::Publish),
    ("subscribe", Action::Subscribe),
];

/// `uri` and `match` of a table.
pub(super) fn pattern(section: &mut Section<'_>) -> Option<(String, Match)> {
    let matching = word(section, "match", &MATCHES);
    // One that is wrong says so itself; what it would have meant is not guessed.
    let is_clear = matching.is_some() || section.place("match").is_none();
    let matching = matching.unwrap_or(Match::Exact);
    let uri = section.need("uri", |value| {
        value.parsed(|uri| {
            let checked = wamp_uri::check_pattern(uri, matching, wamp_uri::Rule::Loose);
            match checked {
                Err(error) if is_clear => Err(error.to_string()),
                _ => Ok(uri.to_owned()),
            }
        })
    });
    Some((uri?.value, matching))
}

const MATCHES: [(&str, Match); 3] = [
    ("exact", Match::Exact),
    ("prefix", Match::Prefix),
    ("wildcard", Match::Wildcard),
];
