//! WAMP's URI grammar: which URIs are valid, what patterns match, and which parts of a URI a handler captures.
//!
//! There is one grammar for the macros (at compile time) and for the router (at run time), hence this crate without dependencies.
//!
//! # Layout
//!
//! - [`check`], [`check_limits`], [`is_reserved`]: a URI by itself. [`Rule`] says how strict.
//! - [`Match`], [`check_pattern`], [`matches`](matches()), [`Specificity`]: patterns of subscriptions and registrations.
//! - [`Template`]: `"docs.{collection}.get"`, what a handler is declared with.
//! - [`UriError`]: what is wrong, where in the text, and what to do about it.
//!
//! ```
//! use wamp_uri::{Match, Rule, Template, check, matches};
//!
//! assert!(check("com.example.add2", Rule::Strict).is_ok());
//! assert!(matches("com..add2", Match::Wildcard, "com.example.add2"));
//!
//! let template = Template::parse("docs.{collection}.get")?;
//! assert_eq!(template.pattern(), "docs..get");
//! assert_eq!(template.capture("docs.letters.get", 0), Some("letters"));
//! # Ok::<(), wamp_uri::UriError>(())
//! ```

mod error;
mod grammar;
mod pattern;
mod template;

pub use error::{UriError, UriErrorKind};
pub use grammar::{MAX_COMPONENTS, MAX_LEN, Rule, check, check_limits, is_reserved};
pub use pattern::{Match, ParseMatchError, Specificity, check_pattern, matches, specificity};
pub use template::Template;
