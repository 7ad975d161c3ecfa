//! A URI by itself. WAMP, "Identifiers: URIs".

use crate::{UriError, UriErrorKind};

/// How long a URI may be, in bytes. A limit of this implementation, see [`check_limits`].
pub const MAX_LEN: usize = 255;

/// How many components a URI may have. A limit of this implementation, see [`check_limits`].
pub const MAX_COMPONENTS: usize = 32;

/// The two sets of rules for the characters of a URI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Anything but white space, control characters, `#` and empty components.
    #[default]
    Loose,
    /// Only `a-z`, `0-9` and `_`, as the specification recommends.
    Strict,
}

/// Checks that `uri` can name a topic, a procedure or an error.
///
/// Length is not looked at, see [`check_limits`].
///
/// # Errors
///
/// Says which character or component is not allowed.
pub fn check(uri: &str, rule: Rule) -> Result<(), UriError> {
    if uri.is_empty() {
        return Err(UriError::new(UriErrorKind::Empty, 0..0));
    }
    check_components(uri, rule, |_| false)
}

/// Checks `uri` against [`MAX_LEN`] and [`MAX_COMPONENTS`]. Serves for patterns, too.
///
/// # Errors
///
/// Says which limit is exceeded; the span covers what is beyond it.
pub fn check_limits(uri: &str) -> Result<(), UriError> {
    if uri.len() > MAX_LEN {
        let kept = (0..=MAX_LEN)
            .rev()
            .find(|&at| uri.is_char_boundary(at))
            .unwrap_or(0);
        return Err(UriError::new(UriErrorKind::TooLong, kept..uri.len()));
    }
    match uri.match_indices('.').nth(MAX_COMPONENTS - 1) {
        Some((at, _)) => Err(UriError::new(
            UriErrorKind::TooManyComponents,
            at..uri.len(),
        )),
        None => Ok(()),
    }
}

/// Whether the first component is `wamp`. Such URIs belong to routers: applications must not register or publish there.
///
/// ```
/// assert!(wamp_uri::is_reserved("wamp.session.count"));
/// assert!(!wamp_uri::is_reserved("wampum.price"));
/// ```
pub fn is_reserved(uri: &str) -> bool {
    uri.strip_prefix("wamp")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Checks every component; `may_be_empty` tells for an empty one, by its offset, whether that is fine.
pub(crate) fn check_components(
    text: &str,
    rule: Rule,
    may_be_empty: impl Fn(usize) -> bool,
) -> Result<(), UriError> {
    let mut start = 0;
    for component in text.split('.') {
        if component.is_empty() && !may_be_empty(start) {
            return Err(UriError::new(
                UriErrorKind::EmptyComponent,
                dot_beside(text, start),
            ));
        }
        if let Some((at, char)) = component
            .char_indices()
            .find(|&(_, char)| !is_allowed(char, rule))
        {
            let at = start + at;
            return Err(UriError::new(
                UriErrorKind::Character(char),
                at..at + char.len_utf8(),
            ));
        }
        start += component.len() + 1;
    }
    Ok(())
}

/// The superfluous dot: the one before an empty component, or after it when it is the first.
fn dot_beside(text: &str, start: usize) -> std::ops::Range<usize> {
    if text.is_empty() {
        0..0
    } else {
        start.saturating_sub(1)..start.max(1)
    }
}

fn is_allowed(char: char, rule: Rule) -> bool {
    match rule {
        Rule::Loose => char != '#' && !char.is_whitespace() && !char.is_control(),
        Rule::Strict => matches!(char, 'a'..='z' | '0'..='9' | '_'),
    }
}
