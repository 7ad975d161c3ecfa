//! What stands in the protocol for what a function answers to.

use wamp_uri::Match;

use crate::handler::registered::{Matcher, Registered};

/// The nearest pattern that covers all that a function answers to; `None` if that would be everything.
pub(super) fn covering(handler: &Registered) -> Option<(String, Match)> {
    if let Some((pattern, matching)) = handler.pattern() {
        return Some((pattern.to_owned(), matching));
    }
    let Matcher::Regex(regex) = &handler.uri else {
        return None;
    };
    let prefix = literal(regex.as_str());
    (!prefix.is_empty()).then_some((prefix, Match::Prefix))
}

/// The text that everything begins with which the regular expression matches from the start.
fn literal(regex: &str) -> String {
    let mut literal = String::new();
    let mut chars = regex.strip_prefix('^').unwrap_or(regex).chars().peekable();
    if has_alternatives(regex) {
        return literal;
    }
    while let Some(next) = chars.next() {
        let found = match next {
            '\\' => chars.next().filter(char::is_ascii_punctuation),
            it if is_special(it) => None,
            it => Some(it),
        };
        // What may be repeated may be missing.
        let is_optional = matches!(chars.peek(), Some('*' | '?' | '{'));
        match found {
            Some(found) if !is_optional => literal.push(found),
            _ => break,
        }
        if chars.peek() == Some(&'+') {
            break;
        }
    }
    literal
}

fn is_special(c: char) -> bool {
    matches!(
        c,
        '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$'
    )
}

/// Whether it has alternatives that are not within a group. One that is escaped or in a class is taken for one, too: that costs nothing
/// but a wider pattern.
fn has_alternatives(regex: &str) -> bool {
    let mut depth = 0_usize;
    regex.chars().any(|it| {
        match it {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        it == '|' && depth == 0
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    #[test]
    fn a_prefix_is_what_everything_begins_with() {
        for (regex, prefix) in [
            (r"^shop\.item\d+$", "shop.item"),
            (r"shop\.(a|b)", "shop."),
            (r"shop|store", ""),
            (r"items?", "item"),
            (r"items*\.x", "item"),
            (r"items{0,2}", "item"),
            (r"items+\.x", "items"),
            (r"(?i)shop", ""),
            (r"[ab]c", ""),
            (r"a.c", "a"),
            (r"", ""),
        ] {
            assert_eq!(literal(regex), prefix, "{regex}");
        }
    }

    proptest! {
        #[test]
        fn whatever_matches_begins_with_it(
            regex in r"[ab.()|?*+\\{}\[\]^$0-2,]{0,8}",
            text in "[ab.0-2]{0,6}",
        ) {
            if let Ok(compiled) = Regex::new(&regex) {
                let matches = compiled.find(&text).is_some_and(|it| it.start() == 0);
                prop_assert!(!matches || text.starts_with(&literal(&regex)), "{regex} {text}");
            }
        }
    }
}
