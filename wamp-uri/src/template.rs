use crate::grammar::check_components;
use crate::{MAX_COMPONENTS, MAX_LEN, Match, Rule, UriError, UriErrorKind, matches};

/// The URI that a handler is declared with: `"docs.{collection}.get"`.
///
/// A component in braces is a capture: it matches any one component, whose text the handler receives under that name.
/// Without captures a template is just a URI.
///
/// ```
/// use wamp_uri::{Match, Template};
///
/// let template = Template::parse("chat.{room}.{user}.message")?;
/// assert_eq!(template.matching(), Match::Wildcard);
/// assert_eq!(template.pattern(), "chat...message");
/// assert_eq!(template.captures().collect::<Vec<_>>(), ["room", "user"]);
/// assert_eq!(
///     template.values("chat.lobby.ann.message").collect::<Vec<_>>(),
///     [("room", "lobby"), ("user", "ann")],
/// );
/// # Ok::<(), wamp_uri::UriError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// What to register or subscribe to: captures are empty components.
    pattern: String,
    /// In the order of the text.
    captures: Vec<Capture>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Capture {
    name: String,
    /// Which component of the URI it is.
    component: usize,
}

impl Template {
    /// Reads a template. Outside its captures the rules are those of [`Rule::Loose`].
    ///
    /// # Errors
    ///
    /// Refuses what [`check`](crate::check) and [`check_limits`](crate::check_limits) refuse (of the pattern), and captures that are not a whole
    /// component, that are not named by an ASCII identifier, or whose name is used twice.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        if text.is_empty() {
            return Err(UriError::new(UriErrorKind::Empty, 0..0));
        }
        let mut template = Self {
            pattern: String::with_capacity(text.len()),
            captures: Vec::new(),
        };
        let mut start = 0;
        for (index, component) in text.split('.').enumerate() {
            if index > 0 {
                template.pattern.push('.');
            }
            match capture_name(component, start)? {
                Some(name) => template.add_capture(name, index, start + 1)?,
                None => template.pattern.push_str(component),
            }
            start += component.len() + 1;
        }
        check_components(text, Rule::Loose, |_| false)?;
        template.check_limits(text)?;
        Ok(template)
    }

    /// The pattern to register or subscribe to: the text with empty components for captures.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// [`Match::Wildcard`] if anything is captured, otherwise [`Match::Exact`].
    pub fn matching(&self) -> Match {
        if self.captures.is_empty() {
            Match::Exact
        } else {
            Match::Wildcard
        }
    }

    /// Whether `uri` is one that the handler is for.
    pub fn matches(&self, uri: &str) -> bool {
        matches(&self.pattern, self.matching(), uri)
    }

    /// The names of the captures, in order.
    pub fn captures(&self) -> impl ExactSizeIterator<Item = &str> {
        self.captures.iter().map(|capture| capture.name.as_str())
    }

    /// What the capture number `index` is in a URI that matches; `None` where there is no such capture or component.
    pub fn capture<'u>(&self, uri: &'u str, index: usize) -> Option<&'u str> {
        uri.split('.').nth(self.captures.get(index)?.component)
    }

    /// The name and value of each capture in a URI that matches.
    pub fn values<'a>(&'a self, uri: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.captures.iter().filter_map(|capture| {
            Some((
                capture.name.as_str(),
                uri.split('.').nth(capture.component)?,
            ))
        })
    }

    fn add_capture(&mut self, name: &str, component: usize, start: usize) -> Result<(), UriError> {
        if self.captures.iter().any(|capture| capture.name == name) {
            return Err(UriError::new(
                UriErrorKind::DuplicateCapture,
                start..start + name.len(),
            ));
        }
        self.captures.push(Capture {
            name: name.to_owned(),
            component,
        });
        Ok(())
    }

    /// Of the pattern, since the length of a capture's name is nobody's concern.
    fn check_limits(&self, text: &str) -> Result<(), UriError> {
        if self.pattern.len() > MAX_LEN {
            return Err(UriError::new(UriErrorKind::TooLong, 0..text.len()));
        }
        if self.pattern.split('.').count() > MAX_COMPONENTS {
            return Err(UriError::new(
                UriErrorKind::TooManyComponents,
                0..text.len(),
            ));
        }
        Ok(())
    }
}

/// The name if `component`, which begins at `start`, is a capture.
fn capture_name(component: &str, start: usize) -> Result<Option<&str>, UriError> {
    if !component.contains(['{', '}']) {
        return Ok(None);
    }
    let whole = start..start + component.len();
    let Some(name) = component
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    else {
        return Err(UriError::new(UriErrorKind::Brace, whole));
    };
    if name.contains(['{', '}']) {
        return Err(UriError::new(UriErrorKind::Brace, whole));
    }
    if !is_identifier(name) {
        return Err(UriError::new(UriErrorKind::CaptureName, whole));
    }
    Ok(Some(name))
}

/// Rust allows more letters; those would need Unicode tables that the standard library does not have.
fn is_identifier(name: &str) -> bool {
    name != "_"
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
