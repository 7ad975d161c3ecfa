//! A handler before it is registered.

use regex::Regex;
use wamp_uri::{Match, Rule, Template};

use crate::handler::registered::{Matcher, Run};
use crate::handler::service::Annotated;
use crate::handler::{Definition, Instance, Kind, Location, Param, Timeout, UriSpec};
use crate::realm::config::Closure;

/// A handler before it is registered, annotated or not.
pub(super) struct Source {
    pub(super) kind: Kind,
    /// For people.
    pub(super) uri: String,
    spec: Spec,
    pub(super) location: Location,
    pub(super) timeout: Timeout,
    pub(super) concurrency: Option<u32>,
    pub(super) params: &'static [Param],
    pub(super) definition: Option<&'static Definition>,
    pub(super) service: Option<Instance>,
    pub(super) run: Run,
}

enum Spec {
    Annotated {
        prefix: String,
        uri: UriSpec,
    },
    Template(String),
    /// One that only a router serves.
    Reserved(String),
    Any,
}

impl From<&Annotated> for Source {
    fn from(annotated: &Annotated) -> Self {
        let definition = annotated.definition;
        Self {
            kind: definition.kind,
            uri: annotated.uri(),
            spec: Spec::Annotated {
                prefix: annotated.prefix.clone(),
                uri: definition.uri,
            },
            location: definition.location,
            timeout: definition.timeout,
            concurrency: definition.concurrency,
            params: definition.params,
            definition: Some(definition),
            service: annotated.service.clone(),
            run: Run::Function(definition.invoke),
        }
    }
}

impl From<&Closure> for Source {
    fn from(closure: &Closure) -> Self {
        Self {
            kind: closure.kind,
            uri: closure
                .uri
                .clone()
                .unwrap_or_else(|| "everything else".to_owned()),
            spec: closure.uri.clone().map_or(Spec::Any, Spec::Template),
            location: closure.location,
            timeout: Timeout::Default,
            concurrency: None,
            params: closure.params,
            definition: None,
            service: None,
            run: closure.run.clone(),
        }
    }
}

impl Source {
    /// A function of the router's own.
    pub(super) fn reserved(closure: &Closure) -> Self {
        let source = Self::from(closure);
        Self {
            spec: Spec::Reserved(source.uri.clone()),
            ..source
        }
    }

    /// Whether it asks for its callers.
    pub(super) fn discloses_caller(&self) -> bool {
        self.definition.is_some_and(|it| it.disclose_caller)
    }

    /// The roles that it is for; empty: all.
    pub(super) fn roles(&self) -> &'static [&'static str] {
        self.definition.map_or(&[], |it| it.roles)
    }

    pub(super) fn matcher(&self) -> Result<Matcher, String> {
        let parse = |text: &str| Template::parse(text).map_err(|error| error.to_string());
        let template = |text: &str| {
            let template = parse(text)?;
            if wamp_uri::is_reserved(template.pattern()) {
                return Err("URIs that begin with `wamp.` are reserved".to_owned());
            }
            Ok(Matcher::Template(template))
        };
        match &self.spec {
            Spec::Template(text) => template(text),
            Spec::Reserved(text) => parse(text).map(Matcher::Template),
            Spec::Any => Ok(Matcher::Any),
            Spec::Annotated { prefix, uri } => match uri {
                UriSpec::Template(text) => template(&format!("{prefix}{text}")),
                UriSpec::Prefix(text) if prefix.is_empty() => Ok(Matcher::Prefix((*text).into())),
                UriSpec::Prefix(text) => {
                    let whole = format!("{prefix}{text}");
                    let checked = wamp_uri::check_pattern(&whole, Match::Prefix, Rule::Loose);
                    checked.map_err(|error| error.to_string())?;
                    Ok(Matcher::Prefix(whole.into()))
                }
                UriSpec::Regex(text) if prefix.is_empty() => {
                    let regex = Regex::new(text).map_err(|error| error.to_string())?;
                    Ok(Matcher::Regex(Box::new(regex)))
                }
                UriSpec::Regex(_) => {
                    Err("a service with a regular expression cannot have a prefix".to_owned())
                }
                UriSpec::None => Ok(Matcher::Any),
            },
        }
    }
}
