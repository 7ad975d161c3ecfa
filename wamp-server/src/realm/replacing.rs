//! What can be configured anew while a realm runs: who may come in, and what roles may do.

use std::sync::{Arc, PoisonError};

use super::{Realm, RealmBuilder};
use crate::app::guard::{guard, named};
use crate::app::{BuildError, Problem};

impl Realm {
    /// Lets in whom `access` lets in, and gives the roles the rights that it gives, from now on and in place of all that was configured
    /// before: its principals and authenticators, and its permissions. Nothing else of it is looked at.
    ///
    /// Sessions that are open go on, in the role that they have. Their next requests are held against the new rules; what they have begun
    /// goes on, subscriptions and registrations included.
    ///
    /// A realm that was built without [permissions](RealmBuilder::permissions) does not get any, and one that was built with them keeps
    /// some: what nobody asks for costs nothing. Unknown users are asked as before, unless `access` says how.
    ///
    /// ```
    /// use wamp_server::auth::{Principal, Principals};
    /// use wamp_server::permission::{Permissions, Rule};
    /// use wamp_server::{App, Realm};
    ///
    /// # fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// let access = |ticket: &'static str| {
    ///     let admins = [Rule::prefix("").all()];
    ///     Realm::new("shop")
    ///         .principals(Principals::new().ticket(Principal::new("ann", "admin"), ticket))
    ///         .permissions(Permissions::new().role("admin", admins))
    /// };
    /// let server = App::empty().default_realm(false).realm(access("open sesame")).build()?;
    /// let shop = server.realm("shop").expect("it is there");
    /// shop.replace_access(access("a better one"))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// All mistakes in what is given, and then everything stays as it was.
    pub fn replace_access(&self, access: RealmBuilder) -> Result<(), BuildError> {
        let mut config = access.config;
        let mut problems = Vec::new();
        let (methods, authorization) = guard(self.name(), &mut config, &mut problems);
        let inner = self.inner();
        match (&inner.authorization.roles, &authorization.roles) {
            (Some(roles), Some(new)) if problems.is_empty() => roles.replace(new),
            (None, None) | (Some(_), Some(_)) => {}
            (before, _) => problems.push(Problem::RulesComeAndGo {
                realm: named(self.name()),
                had: before.is_some(),
            }),
        }
        if !problems.is_empty() {
            return Err(BuildError::new(problems));
        }
        let mut auth = inner.auth.write().unwrap_or_else(PoisonError::into_inner);
        let methods = methods.map(|methods| {
            let mut methods = Arc::unwrap_or_clone(methods);
            if let Some(before) = auth.as_deref() {
                methods.succeed(before);
            }
            Arc::new(methods)
        });
        *auth = methods;
        drop(auth);
        self.purge_authorizations();
        Ok(())
    }
}
