//! Reading the configuration again: permissions, principals and certificates change, connections go on.

use wamp_server::Server;

use crate::config::{Config, ConfigError, Sources};
use crate::exit::Chain;

/// What a router was started with.
pub(super) struct Reloading {
    sources: Sources,
    started: Config,
    server: Server,
}

impl Reloading {
    pub(super) fn new(sources: Sources, started: Config, server: Server) -> Self {
        Self {
            sources,
            started,
            server,
        }
    }

    /// Reads everything again. If there is a mistake, nothing changes; the log says why.
    pub(super) fn reload(&self) {
        match Config::load(&self.sources) {
            Ok(config) => self.take_over(&config),
            Err(mistakes) => refuse(&mistakes),
        }
    }

    fn take_over(&self, config: &Config) {
        let access = match config.access(&self.sources.salting) {
            Ok(access) => access,
            Err(error) => return refuse(&ConfigError::whole(error.to_string())),
        };
        for change in self.started.fixed_changes(config) {
            tracing::warn!("{change}: this takes effect when the router is started again");
        }
        let served = self.started.realm_names();
        for (name, access) in access {
            let realm = self.server.realm(name);
            let Some(realm) = realm.filter(|_| served.contains(&name)) else {
                continue;
            };
            if let Err(error) = realm.replace_access(access) {
                tracing::error!(realm = name, error = %Chain(&error), "the old access stays");
            }
        }
        for listener in &self.started.listeners {
            let Some(tls) = &listener.tls else { continue };
            if let Err(error) = tls.tls.reload() {
                let listener = listener.endpoint.to_string();
                tracing::error!(listener, error = %Chain(&error), "the old certificate stays");
            }
        }
        tracing::info!("the configuration has been read again");
    }
}

fn refuse(mistakes: &ConfigError) {
    for mistake in mistakes.to_string().lines() {
        tracing::error!("{mistake}");
    }
    tracing::error!("the configuration has mistakes, so the old one stays");
}
