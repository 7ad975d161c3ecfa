//! Patterns. WAMP, "Pattern-based Subscriptions" and "Pattern-based Registrations".

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::grammar::check_components;
use crate::{Rule, UriError, check};

/// How the URI of a subscription or registration is compared: the option `match`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Match {
    /// The URIs are equal.
    #[default]
    Exact,
    /// The URI begins with the pattern, be it in the middle of a component.
    Prefix,
    /// Both have the same number of components, and an empty component of the pattern stands for any.
    Wildcard,
}

impl Match {
    /// The word that stands for it in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Prefix => "prefix",
            Self::Wildcard => "wildcard",
        }
    }
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Match {
    type Err = ParseMatchError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "exact" => Ok(Self::Exact),
            "prefix" => Ok(Self::Prefix),
            "wildcard" => Ok(Self::Wildcard),
            _ => Err(ParseMatchError),
        }
    }
}

/// The text is none of the words for a [`Match`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseMatchError;

impl fmt::Display for ParseMatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown kind of match: use `exact`, `prefix` or `wildcard`")
    }
}

impl Error for ParseMatchError {}

/// Checks that `pattern` can be subscribed to or registered with this kind of match.
///
/// A prefix may be empty and may end with a dot; a wildcard pattern may have empty components anywhere.
///
/// ```
/// use wamp_uri::{Match, Rule, check_pattern};
///
/// assert!(check_pattern("com.", Match::Prefix, Rule::Loose).is_ok());
/// assert!(check_pattern("com..x", Match::Prefix, Rule::Loose).is_err());
/// assert!(check_pattern("com..x", Match::Wildcard, Rule::Loose).is_ok());
/// ```
///
/// # Errors
///
/// Says which character or component is not allowed.
pub fn check_pattern(pattern: &str, matching: Match, rule: Rule) -> Result<(), UriError> {
    match matching {
        Match::Exact => check(pattern, rule),
        // Of the empty components only the one after the last dot. A lone dot has an empty one before it.
        Match::Prefix => check_components(pattern, rule, |start| start == pattern.len()),
        Match::Wildcard => check_components(pattern, rule, |_| true),
    }
}

/// Whether `pattern` matches `uri`.
///
/// The specification is at odds with itself about prefixes that end within a component; they match here, as in other routers.
pub fn matches(pattern: &str, matching: Match, uri: &str) -> bool {
    match matching {
        Match::Exact => uri == pattern,
        Match::Prefix => uri.starts_with(pattern),
        Match::Wildcard => {
            let mut components = uri.split('.');
            pattern.split('.').all(|wanted| {
                components
                    .next()
                    .is_some_and(|found| wanted.is_empty() || wanted == found)
            }) && components.next().is_none()
        }
    }
}

/// How specific a wildcard pattern is; see [`specificity`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Specificity(Vec<bool>);

/// Ranks wildcard patterns that match the same URI: the greatest is the one to call.
///
/// That is the one with the most components before its first empty one; if these are equally many, before its second, and so on.
/// Two patterns of the same rank that match the same URI are equal.
///
/// ```
/// use wamp_uri::specificity;
///
/// assert!(specificity("a1.b2..d4.e5") > specificity("a1...d4.e5"));
/// assert!(specificity("a1..c3.") > specificity("a1...d4"));
/// ```
pub fn specificity(pattern: &str) -> Specificity {
    // The number of components before each empty one, compared one after the other, orders as the components themselves do when
    // one that is there counts more than an empty one.
    Specificity(
        pattern
            .split('.')
            .map(|component| !component.is_empty())
            .collect(),
    )
}
