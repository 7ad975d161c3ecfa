//! URI literals, checked by the grammar that the runtime uses: there is no second one that could differ.

use proc_macro2::Span;
use syn::{Error, LitStr, Result};
use wamp_uri::{Match, Rule, Template, UriError, check_limits, check_pattern, is_reserved};

/// What a handler answers to.
pub(crate) struct Uri {
    pub(crate) literal: LitStr,
    pub(crate) form: Form,
    /// The names of the captures; of a regular expression those that are easy to see.
    pub(crate) captures: Vec<String>,
}

/// How the literal is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Template,
    Prefix,
    Regex,
}

impl Uri {
    /// `"docs.{collection}.get"`.
    pub(crate) fn template(literal: LitStr) -> Result<Self> {
        let template = Template::parse(&literal.value()).map_err(|error| at(&literal, &error))?;
        let captures = template.captures().map(str::to_owned).collect();
        Ok(Self {
            literal,
            form: Form::Template,
            captures,
        })
    }

    /// `prefix = "files."`.
    pub(crate) fn prefix(literal: LitStr) -> Result<Self> {
        let prefix = literal.value();
        check_pattern(&prefix, Match::Prefix, Rule::Loose)
            .and_then(|()| check_limits(&prefix))
            .map_err(|error| at(&literal, &error))?;
        Ok(Self {
            literal,
            form: Form::Prefix,
            captures: Vec::new(),
        })
    }

    /// `regex = r"^r\d+$"`. The runtime compiles it; this crate is not worth a regex engine.
    pub(crate) fn regex(literal: LitStr) -> Self {
        let captures = groups(&literal.value());
        Self {
            literal,
            form: Form::Regex,
            captures,
        }
    }

    /// Refuses what belongs to the router: `wamp.session.count` and the like.
    pub(crate) fn refuse_reserved(&self) -> Result<()> {
        if self.form == Form::Regex {
            return Ok(());
        }
        refuse_reserved(&self.literal)
    }

    /// The same with `prefix` and a dot in front.
    pub(crate) fn under(self, prefix: &LitStr) -> Result<Self> {
        let whole = format!("{}.{}", prefix.value(), self.literal.value());
        let whole = LitStr::new(&whole, self.literal.span());
        match self.form {
            Form::Template => Self::template(whole),
            Form::Prefix => Self::prefix(whole),
            Form::Regex => {
                let message = "nothing can be put in front of a regular expression: it begins with the prefix, so leave that out";
                Err(Error::new_spanned(self.literal, message))
            }
        }
    }
}

/// Refuses a text that begins as the router's own URIs do.
pub(crate) fn refuse_reserved(literal: &LitStr) -> Result<()> {
    let text = literal.value();
    if is_reserved(&text) {
        let message = "URIs that begin with `wamp.` belong to the router: choose another";
        return Err(Error::new_spanned(literal, message));
    }
    Ok(())
}

/// Checks a URI without captures: that of an error, the name of a realm.
pub(crate) fn check_plain(literal: &LitStr) -> Result<()> {
    let template = Template::parse(&literal.value()).map_err(|error| at(literal, &error))?;
    if template.captures().len() > 0 {
        return Err(Error::new_spanned(
            literal,
            "there is nothing to capture here: write the URI without braces",
        ));
    }
    Ok(())
}

/// The named groups of a regular expression, `(?P<name>…)` or `(?<name>…)`.
fn groups(regex: &str) -> Vec<String> {
    let named = regex.split("(?").skip(1).filter_map(|group| {
        let name = group.strip_prefix('P').unwrap_or(group).strip_prefix('<')?;
        Some(name.split_once('>')?.0.to_owned())
    });
    named.collect()
}

/// Points at the offending part of the literal where the compiler lets us, at the whole literal otherwise.
fn at(literal: &LitStr, error: &UriError) -> Error {
    let message = error.to_string();
    match part(literal, error) {
        Some(span) => Error::new(span, message),
        None => Error::new_spanned(literal, message),
    }
}

fn part(literal: &LitStr, error: &UriError) -> Option<Span> {
    let token = literal.token();
    // A literal with escapes does not contain its value, and offsets into the one mean nothing in the other.
    let start = token.to_string().find(&literal.value())?;
    let range = error.span();
    let is_visible = !range.is_empty();
    is_visible.then(|| token.subspan(start + range.start..start + range.end))?
}
