//! From a configuration to an application.

use std::collections::BTreeSet;

use thiserror::Error;
use wamp_proto::message::Secret;
use wamp_server::auth::{Decoys, Principals};
use wamp_server::history::HistoryError;
use wamp_server::permission::{Permissions, Rule};
use wamp_server::{App, Realm, RealmBuilder, RouterOptions};

use super::Config;
use super::mistakes::Place;
use super::principal::salt;
use super::realm::{ANONYMOUS, ANY, Access, RealmConfig, RealmOptions};

/// Why a router does not start with a configuration that has no mistakes.
#[derive(Debug, Error)]
pub(crate) enum NotStarted {
    #[error("the history of the realm `{realm}` cannot be opened")]
    History { realm: String, source: HistoryError },
    #[error("{0}")]
    Access(String),
}

/// Writes a function once for applications, whose default realm it configures, and once for realms.
macro_rules! for_both {
    ($(fn $app:ident and $realm:ident($builder:ident, $config:ident: $kind:ty) $body:block)*) => {$(
        fn $app($builder: App, $config: $kind) -> App $body
        fn $realm($builder: RealmBuilder, $config: $kind) -> RealmBuilder $body
    )*};
}

for_both! {
    fn app_access and realm_access(builder, given: Given) {
        let Given { principals, anonymous, denying, permissions } = given;
        let mut builder = builder;
        // Before the principals, whose first one the decoys are to look like.
        if let Some(decoys) = denying {
            builder = builder.decoys(decoys);
        }
        builder = builder.principals(principals);
        if let Some(role) = anonymous {
            builder = builder.anonymous(role);
        }
        match permissions {
            Some(permissions) => builder.permissions(permissions),
            None => builder,
        }
    }

    fn app_options and realm_options(builder, given: (&RealmOptions, RouterOptions)) {
        let (options, router) = given;
        builder
            .router(router)
            .strict_request_ids(options.strict_request_ids)
            .ordering(options.ordering)
            .overflow(options.overflow)
            .disclosure(options.disclosure)
            .hide_unauthorized(options.hide_unauthorized)
    }
}

impl Config {
    /// An application without its stores of events, to be checked.
    ///
    /// # Errors
    ///
    /// A mistake that is found only now, and its place.
    pub(super) fn app(&self, salting: &Secret) -> Result<App, (Place, String)> {
        self.assemble(salting, |_, router| Ok(router))
    }

    /// The application, with its stores of events.
    ///
    /// # Errors
    ///
    /// When one of them cannot be opened.
    pub(crate) fn start(&self, salting: &Secret) -> Result<App, NotStarted> {
        self.assemble(salting, |realm, router| match &realm.options.history {
            None => Ok(router),
            Some(history) => history.open(router).map_err(|source| NotStarted::History {
                realm: realm.name.value.clone(),
                source,
            }),
        })
    }

    fn assemble<E: From<BadAccess>>(
        &self,
        salting: &Secret,
        router: impl Fn(&RealmConfig, RouterOptions) -> Result<RouterOptions, E>,
    ) -> Result<App, E> {
        let mut app = App::empty()
            .default_realm(false)
            .limits(self.limits.clone())
            .handshake(self.handshake.handshake())
            .rawsocket(self.service.rawsocket)
            .subprotocols(self.service.subprotocols.iter().copied());
        if let Some(paths) = &self.service.paths {
            app = app.paths(paths.iter().cloned());
        }
        for realm in &self.realms {
            let options = RouterOptions::new()
                .meta_api(realm.options.meta_api)
                .meta_control(realm.options.meta_api && realm.access.meta_control)
                .strict(realm.options.strict)
                .retention(realm.options.retention.clone());
            let options = (&realm.options, router(realm, options)?);
            let access = self.given(realm, salting)?;
            app = if realm.name.value == ANY {
                app_options(app_access(app.default_realm(true), access), options)
            } else {
                let builder = Realm::new(&realm.name.value);
                app.realm(realm_options(realm_access(builder, access), options))
            };
        }
        Ok(app)
    }

    /// Who may come into each realm, by its name, and what they may do there.
    ///
    /// # Errors
    ///
    /// When a password is not allowed.
    pub(crate) fn access(&self, salting: &Secret) -> Result<Vec<(&str, RealmBuilder)>, NotStarted> {
        let access = self.realms.iter().map(|realm| {
            let name = &*realm.name.value;
            let given = self.given(realm, salting)?;
            Ok((name, realm_access(Realm::new(name), given)))
        });
        access.collect()
    }

    fn given(&self, realm: &RealmConfig, salting: &Secret) -> Result<Given, BadAccess> {
        let Access {
            anonymous,
            decoy_secret,
            principals: known,
            roles,
            meta_control,
        } = &realm.access;
        let salting = decoy_secret.as_ref().unwrap_or(salting);
        let name = &realm.name.value;
        let mut principals = Principals::new();
        for principal in known {
            principals = principal
                .add_to(principals, |text| salt(salting, name, text))
                .map_err(|mistake| BadAccess {
                    at: principal.authid.at,
                    mistake,
                })?;
        }
        let permissions = if roles.is_empty() {
            self.replaceable.then(|| {
                let anonymous = anonymous.as_ref().map_or(ANONYMOUS, |it| &*it.value);
                let roles = known.iter().map(|it| &*it.role.value);
                everything(roles.chain([anonymous]), *meta_control)
            })
        } else {
            let permissions = roles.iter().fold(Permissions::new(), |all, role| {
                all.role(&*role.name.value, role.rules.iter().cloned())
            });
            Some(permissions)
        };
        Ok(Given {
            principals,
            anonymous: anonymous.as_ref().map(|it| it.value.clone()),
            denying: decoy_secret
                .as_ref()
                .map(|it| Decoys::new(it.expose().as_bytes())),
            permissions,
        })
    }
}

/// What a realm without rules permits, in rules.
fn everything<'a>(roles: impl Iterator<Item = &'a str>, meta_control: bool) -> Permissions {
    let roles = roles.collect::<BTreeSet<_>>();
    roles.into_iter().fold(Permissions::new(), |all, role| {
        let rules = [Rule::prefix("").all()].into_iter();
        let control = meta_control.then(|| Rule::prefix("wamp.").all());
        all.role(role, rules.chain(control))
    })
}

/// Who may come into a realm and what they may do there, as the library wants it.
struct Given {
    principals: Principals,
    anonymous: Option<String>,
    denying: Option<Decoys>,
    permissions: Option<Permissions>,
}

/// A mistake in it, and where.
struct BadAccess {
    at: usize,
    mistake: String,
}

impl From<BadAccess> for (Place, String) {
    fn from(bad: BadAccess) -> Self {
        (bad.at.into(), bad.mistake)
    }
}

impl From<BadAccess> for NotStarted {
    fn from(bad: BadAccess) -> Self {
        Self::Access(bad.mistake)
    }
}
