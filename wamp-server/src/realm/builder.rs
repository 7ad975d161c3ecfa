//! The configuration of a realm.

use std::fmt;

use super::Ordering;
use super::config::{Config, config_methods};
use super::config_auth::auth_methods;
use crate::handler::function::Handler;
use crate::handler::{Call, CallError, Definition, Kind};
use crate::session::hook::MessageHandler;

/// A realm under construction: what [`App`](crate::App) configures for the default realm, for a named one.
///
/// State that it does not have itself it takes from the application.
#[must_use = "add it to an application with `App::realm`"]
pub struct RealmBuilder {
    pub(crate) name: String,
    pub(crate) config: Config,
}

impl RealmBuilder {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            config: Config::default(),
        }
    }

    config_methods!();
    auth_methods!();
}

impl fmt::Debug for RealmBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealmBuilder")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
