//! The methods of applications and realms that say who may come in and what they may do.

/// Writes them once for both.
macro_rules! auth_methods {
    () => {
        /// Asks `recognize` who a peer is by how it came in: headers, cookies, address, query, TLS certificate; see
        /// [`Session::transport`](crate::Session::transport). `None` leaves it to the next way in.
        ///
        /// These come first, in the order in which they were given. The `authmethod` is `transport`, unless the principal says
        /// otherwise.
        ///
        /// `None` means that there is nothing of its kind, and the next way in is tried. For something that is wrong, such as a cookie
        /// that nobody has, return an error, for example
        /// [`CallError::new("wamp.error.authentication_denied")`](crate::CallError::new): that ends the attempt as a failure, and failures
        /// are what slows down somebody who tries one after the other.
        ///
        /// ```
        /// use wamp_server::auth::Principal;
        /// use wamp_server::{Realm, Session};
        ///
        /// let realm = Realm::new("admins").transport_authenticator(async |session: Session| {
        ///     let user = session.transport().cookie("login").filter(|it| it.starts_with("let-me-in-"))?;
        ///     Some(Principal::new(user, "admin").method("cookie"))
        /// });
        /// ```
        pub fn transport_authenticator<F, Fut>(mut self, recognize: F) -> Self
        where
            F: Fn($crate::Session) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::auth::IntoFound<$crate::auth::Principal>> + Send + 'static,
        {
            let recognizer = $crate::auth::Recognizer::new(recognize);
            self.config.auth.recognize(recognizer);
            self
        }

        /// Lets peers in by a ticket: a password or a token. `find` says whose it is.
        ///
        /// Tickets travel as they are, so use TLS. Compare them with
        /// [`Secret::is_same`](crate::proto::message::Secret::is_same), whose time tells nothing.
        ///
        /// ```
        /// use wamp_server::Realm;
        /// use wamp_server::auth::Principal;
        ///
        /// let realm = Realm::new("admins").ticket(async |session, ticket| {
        ///     let is_joe = session.hello().authid.as_deref() == Some("joe");
        ///     (ticket.is_same("open sesame") & is_joe).then(|| Principal::new("joe", "admin"))
        /// });
        /// ```
        ///
        /// The WAMP specification, "Ticket-based Authentication".
        pub fn ticket<F, Fut>(mut self, find: F) -> Self
        where
            F: Fn($crate::Session, $crate::proto::message::Secret) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::auth::IntoFound<$crate::auth::Principal>> + Send + 'static,
        {
            self.config.auth.add($crate::auth::ticket::method(find));
            self
        }

        /// Lets peers in who sign a challenge with a secret that they share with the server; `find` gives what is known about the
        /// one that a peer says it is.
        ///
        /// ```
        /// use wamp_server::auth::{CraCredential, Principal};
        /// use wamp_server::{Realm, Session};
        ///
        /// let realm = Realm::new("admins").wampcra(async |session: Session| match session.hello().authid.as_deref() {
        ///     Some("joe") => Some(CraCredential::new(Principal::new("joe", "admin"), "open sesame")),
        ///     _ => None,
        /// });
        /// ```
        ///
        /// The WAMP specification, "Challenge Response Authentication".
        pub fn wampcra<F, Fut>(mut self, find: F) -> Self
        where
            F: Fn($crate::Session) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::auth::IntoFound<$crate::auth::CraCredential>>
                + Send
                + 'static,
        {
            self.config.auth.add($crate::auth::cra::method(find));
            self
        }

        /// Lets peers in who know a password of which the server knows only a derivative; `find` gives that of the one that a peer
        /// says it is, in the dialect [`Wamp`](crate::proto::auth::scram::Dialect::Wamp).
        ///
        /// ```
        /// use wamp_server::auth::{Principal, ScramCredential};
        /// use wamp_server::proto::auth::scram::Credential;
        /// use wamp_server::{Realm, Session};
        ///
        /// struct Joe(Credential);
        ///
        /// let realm = Realm::new("admins").wamp_scram(async |session: Session| {
        ///     let Joe(credential) = session.realm().state()?;
        ///     let is_joe = session.hello().authid.as_deref() == Some("joe");
        ///     is_joe.then(|| ScramCredential::new(Principal::new("joe", "admin"), credential.clone()))
        /// });
        /// ```
        ///
        /// The WAMP specification, "SCRAM Authentication".
        pub fn wamp_scram<F, Fut>(self, find: F) -> Self
        where
            F: Fn($crate::Session) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::auth::IntoFound<$crate::auth::ScramCredential>>
                + Send
                + 'static,
        {
            self.scram_as($crate::proto::auth::scram::Dialect::Wamp, find)
        }

        /// The same in the dialect that Crossbar.io and autobahn speak, which they call `scram`.
        pub fn scram<F, Fut>(self, find: F) -> Self
        where
            F: Fn($crate::Session) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::auth::IntoFound<$crate::auth::ScramCredential>>
                + Send
                + 'static,
        {
            self.scram_as($crate::proto::auth::scram::Dialect::Crossbar, find)
        }

        fn scram_as<F, Fut>(mut self, dialect: $crate::proto::auth::scram::Dialect, find: F) -> Self
        where
            F: Fn($crate::Session) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::auth::IntoFound<$crate::auth::ScramCredential>>
                + Send
                + 'static,
        {
            let method = $crate::auth::scram::method(dialect, find);
            self.config.auth.add(method);
            self
        }

        /// Lets peers in who have a key; `find` says whose it is. It is asked only about keys that a peer has proven to have.
        ///
        /// A peer may bind its proof to the TLS connection (`tls-exporter`), where that is the server's own.
        ///
        /// ```
        /// use wamp_server::auth::Principal;
        /// use wamp_server::proto::auth::cryptosign::PublicKey;
        /// use wamp_server::{Realm, Session};
        ///
        /// struct Keys(Vec<(PublicKey, Principal)>);
        ///
        /// let realm = Realm::new("devices").cryptosign(async |session: Session, key| {
        ///     let Keys(keys) = session.realm().state()?;
        ///     keys.iter().find(|(known, _)| *known == key).map(|(_, principal)| principal.clone())
        /// });
        /// ```
        ///
        /// The WAMP specification, "Cryptosign-based Authentication".
        pub fn cryptosign<F, Fut>(mut self, find: F) -> Self
        where
            F: Fn($crate::Session, $crate::proto::auth::cryptosign::PublicKey) -> Fut
                + Send
                + Sync
                + 'static,
            Fut: Future<Output: $crate::auth::IntoFound<$crate::auth::Principal>> + Send + 'static,
        {
            self.config.auth.add($crate::auth::cryptosign::method(find));
            self
        }

        /// Lets principals in that are known beforehand.
        pub fn principals(mut self, principals: $crate::auth::Principals) -> Self {
            principals.add_to(&mut self.config.auth);
            self
        }

        /// Lets everybody in who does not authenticate, in this role.
        ///
        /// A realm that has no other way in does so anyway, in the role `anonymous`.
        pub fn anonymous(mut self, role: impl Into<::bytestring::ByteString>) -> Self {
            self.config.auth.add($crate::auth::anonymous(role.into()));
            self
        }

        /// Adds a method of authentication of the application's own.
        pub fn authenticator(mut self, authenticator: impl $crate::auth::Authenticator) -> Self {
            let method = $crate::auth::Method::new(authenticator);
            self.config.auth.add(method);
            self
        }

        /// Gives each role its rights; see [`Permissions`](crate::permission::Permissions). May be called several times.
        pub fn permissions(mut self, permissions: $crate::permission::Permissions) -> Self {
            let so_far = self.config.permissions.take().unwrap_or_default();
            self.config.permissions = Some(so_far.extend(permissions));
            self
        }

        /// Asks `authorize` about every request that no rule decides on; see [`Decision`](crate::permission::Decision), which may be
        /// remembered for a while. It has [`Limits::authorizer_timeout`](crate::Limits) to answer.
        ///
        /// What it needs it finds in the [state](crate::Realm::state) of the realm, or owns:
        ///
        /// ```
        /// use std::collections::HashSet;
        /// use std::sync::Arc;
        ///
        /// use wamp_server::Realm;
        ///
        /// let open = Arc::new(HashSet::from(["shop.price".to_owned()]));
        /// let realm = Realm::new("shop").authorizer(move |_, access| {
        ///     let open = Arc::clone(&open); // an `async move` closure itself could not be called twice
        ///     async move { open.contains(&*access.uri) }
        /// });
        /// ```
        pub fn authorizer<F, Fut>(mut self, authorize: F) -> Self
        where
            F: Fn($crate::Session, $crate::permission::Access) -> Fut + Send + Sync + 'static,
            Fut: Future<Output: $crate::permission::IntoDecision> + Send + 'static,
        {
            let authorizer = $crate::permission::Authorizer::new(authorize);
            self.config.authorizer = Some(authorizer);
            self
        }

        /// Whether callees are told who calls, and subscribers who publishes.
        pub fn disclosure(mut self, disclosure: $crate::permission::Disclosure) -> Self {
            self.config.disclosure = disclosure;
            self
        }

        /// Whether procedures and topics that a session may not use do not exist for it: it gets the answer to a URI that is not
        /// there, instead of `wamp.error.not_authorized`. Off, unless this is called.
        ///
        /// A [`call_handler`](Self::call_handler) answers calls of URIs that are not there by itself, so it may tell the two apart.
        pub fn hide_unauthorized(mut self, hide: bool) -> Self {
            self.config.hidden = hide;
            self
        }

        /// How unknown users are asked, so that nobody can tell them from known ones.
        pub fn decoys(mut self, decoys: $crate::auth::Decoys) -> Self {
            self.config.auth.set_decoys(decoys);
            self
        }

        /// The reason of the ABORT for a wrong proof, instead of `wamp.error.authentication_denied`.
        pub fn denied_as(mut self, reason: impl Into<::bytestring::ByteString>) -> Self {
            self.config.auth.deny_as(reason.into());
            self
        }
    };
}
pub(crate) use auth_methods;
