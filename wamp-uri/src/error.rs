use std::error::Error;
use std::fmt;
use std::ops::Range;

use crate::{MAX_COMPONENTS, MAX_LEN};

/// Why a text is not a URI, a pattern or a template, and where.
///
/// ```
/// use wamp_uri::{Rule, UriErrorKind, check};
///
/// let error = check("com.my app", Rule::Loose).unwrap_err();
/// assert_eq!(error.kind(), UriErrorKind::Character(' '));
/// assert_eq!(error.span(), 6..7);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriError {
    kind: UriErrorKind,
    span: Range<usize>,
}

/// What is wrong with a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UriErrorKind {
    /// The text is empty.
    Empty,
    /// Two dots in a row, or a dot at the beginning or the end.
    EmptyComponent,
    /// White space, a control character or `#`; under [`Rule::Strict`](crate::Rule::Strict) anything but `a-z`, `0-9` and `_`.
    Character(char),
    /// More than [`MAX_LEN`] bytes.
    TooLong,
    /// More than [`MAX_COMPONENTS`] components.
    TooManyComponents,
    /// A brace that is not the first or last character of its component, or that has no partner.
    Brace,
    /// What stands between the braces is not an ASCII identifier.
    CaptureName,
    /// The name of the capture was used before.
    DuplicateCapture,
}

impl UriError {
    pub(crate) fn new(kind: UriErrorKind, span: Range<usize>) -> Self {
        Self { kind, span }
    }

    /// What is wrong.
    pub fn kind(&self) -> UriErrorKind {
        self.kind
    }

    /// The offending bytes of the text that was checked. Empty where something is missing; otherwise on character boundaries.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            UriErrorKind::Empty => f.write_str("URI is empty: write components separated by dots, such as `com.example.add`"),
            UriErrorKind::EmptyComponent => {
                f.write_str("URI has an empty component: remove the extra `.` or write a component next to it")
            }
            UriErrorKind::Character(char) => {
                write!(f, "URI contains {char:?}, which is not allowed here: use lower-case letters, digits and `_`")
            }
            UriErrorKind::TooLong => write!(f, "URI is too long: shorten it to at most {MAX_LEN} bytes"),
            UriErrorKind::TooManyComponents => {
                write!(f, "URI has too many components: use at most {MAX_COMPONENTS}")
            }
            UriErrorKind::Brace => f.write_str("a capture must be a whole component: write `{name}` between dots"),
            UriErrorKind::CaptureName => {
                f.write_str("the name of a capture must be an identifier: use ASCII letters, digits and `_`, not beginning with a digit")
            }
            UriErrorKind::DuplicateCapture => f.write_str("the name of this capture is used twice: rename one of them"),
        }
    }
}

impl Error for UriError {}
