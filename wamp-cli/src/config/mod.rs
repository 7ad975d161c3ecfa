//! The configuration of `wamp router`: a file in TOML, what the command line and the environment say instead, and defaults.
//!
//! # Layout
//!
//! - `load`: reading all of it. `app`: what becomes of it. `changes`: what a router that runs cannot take over.
//! - `listener`, `service`, `limits`, `realm`, `role`, `principal`, `history`, `secret`: a part of the file each.
//! - `reading`: tables and values, with their places. `units`: sizes and times. `mistakes`: what is wrong, all at once.

mod app;
mod changes;
mod history;
mod limits;
mod listener;
mod load;
pub(crate) mod mistakes;
mod principal;
pub(crate) mod reading;
mod realm;
mod role;
pub(crate) mod secret;
mod service;
pub(crate) mod units;

use std::path::{Path, PathBuf};

use wamp_proto::message::Secret;
use wamp_server::Limits;

pub(crate) use listener::{Endpoint, Listener};
pub(crate) use mistakes::ConfigError;

use realm::RealmConfig;
use service::{GivenHandshake, Service};

/// Everything that a router is told.
pub(crate) struct Config {
    pub(crate) listeners: Vec<Listener>,
    service: Service,
    handshake: GivenHandshake,
    limits: Limits,
    realms: Vec<RealmConfig>,
    /// Whether realms that let everybody do everything have rules that say so: they can be replaced while the router runs.
    replaceable: bool,
}

/// Where a configuration comes from.
pub(crate) struct Sources {
    pub(crate) file: Option<PathBuf>,
    /// In place of the listeners of the file, if there are some.
    pub(crate) listen: Vec<Listener>,
    /// The realms that are served, if there are some.
    pub(crate) realms: Vec<String>,
    /// What passwords are salted by, where a realm has no secret of its own. The same for as long as the router runs, because a salt that
    /// changes when the file is read again tells a user who is known from one who is not.
    pub(crate) salting: Secret,
}

impl Config {
    /// Whether RawSocket is spoken beside WebSocket.
    pub(crate) fn speaks_rawsocket(&self) -> bool {
        self.service.rawsocket
    }

    /// The realms that there are.
    pub(crate) fn realm_names(&self) -> Vec<&str> {
        self.realms.iter().map(|it| &*it.name.value).collect()
    }
}

impl Sources {
    /// What relative paths in the file are relative to.
    fn folder(&self) -> &Path {
        let folder = self.file.as_deref().and_then(Path::parent);
        folder.unwrap_or(Path::new(""))
    }

    /// The file as people call it.
    fn name(&self) -> String {
        let file = self.file.as_deref();
        file.map_or(String::new(), |it| it.display().to_string())
    }
}
