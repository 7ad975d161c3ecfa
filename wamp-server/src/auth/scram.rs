//! A password that neither travels nor is stored. WAMP, "SCRAM Authentication".

use std::fmt;
use std::sync::Arc;

use bytestring::ByteString;
use wamp_proto::auth::scram::{ClientFirst, Credential, Dialect, Server};

use super::authenticator::Method;
use super::exchange::Exchange;
use super::found::IntoFound;
use super::principal::Principal;
use crate::Session;
use crate::handler::CallError;

/// What SCRAM has to know about somebody: who that is, and what was derived from the password.
#[derive(Clone)]
#[must_use]
pub struct ScramCredential {
    principal: Principal,
    credential: Credential,
}

impl ScramCredential {
    /// Somebody who has the password that the credential was derived from, in the dialect of the method that it is for; see
    /// [`Credential::derive`].
    pub fn new(principal: Principal, credential: Credential) -> Self {
        Self {
            principal,
            credential,
        }
    }

    pub(super) fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Who it is.
    pub(super) fn id(&self) -> &ByteString {
        &self.principal.id
    }

    pub(super) fn or_provider(mut self, provider: &'static str) -> Self {
        self.principal = self.principal.or_provider(provider);
        self
    }
}

/// Without the credential.
impl fmt::Debug for ScramCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramCredential")
            .field("principal", &self.principal)
            .finish_non_exhaustive()
    }
}

impl Exchange {
    /// Has the peer prove that it knows the password, and proves in WELCOME that the server knows its credential; `None` if the peer
    /// does not.
    ///
    /// Somebody unknown, without a credential, is asked, too: nobody can find out by that who is known.
    ///
    /// # Errors
    ///
    /// When HELLO lacks what SCRAM needs, and those of [`challenge`](Self::challenge).
    pub async fn scram(
        &mut self,
        dialect: Dialect,
        credential: Option<ScramCredential>,
    ) -> Result<Option<Principal>, CallError> {
        let authid = self.authid().unwrap_or_default().to_owned();
        let nonce = self.hello_text("nonce")?.unwrap_or_default();
        let channel_binding = self.hello_text("channel_binding")?;
        // Made for everybody, so that it takes no time that tells something.
        let decoy = self.decoys.credential(dialect, &authid)?;
        let stored = credential.as_ref().map_or(&decoy, |it| &it.credential);
        if credential.is_some() {
            self.decoys.observe_scram(dialect, stored);
        }
        let hello = ClientFirst {
            authid: &authid,
            nonce: &nonce,
            channel_binding: channel_binding.as_deref(),
        };
        let channel = self.session().transport().channel_binding().copied();
        let started = Server::start(dialect, &hello, &rand::random(), stored, channel.as_ref());
        let (server, challenge) = started.map_err(|_| {
            let method = dialect.method();
            malformed(&format!(
                "`{method}` needs an `authid`, and a `nonce` in `authextra`; its `channel_binding` must be one that there is"
            ))
        })?;
        let answer = self.challenge(challenge).await?;
        let verifier = server.finish(answer.signature.expose(), &answer.extra);
        Ok(credential
            .zip(verifier.ok())
            .map(|(known, verifier)| known.principal.extra(dialect.verifier_key(), verifier)))
    }
}

/// HELLO lacks something that the method needs.
pub(super) fn malformed(message: &str) -> CallError {
    CallError::new(wamp_proto::uri::AUTHENTICATION_FAILED).arg(format!("HELLO.Details: {message}"))
}

pub(crate) fn method<F, Fut>(dialect: Dialect, find: F) -> Method
where
    F: Fn(Session) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoFound<ScramCredential>> + Send + 'static,
{
    let find = Arc::new(find);
    Method::from_fn(dialect.method(), move |mut exchange| {
        let find = Arc::clone(&find);
        async move {
            let found = find(exchange.session().clone()).await.into_found()?;
            exchange.scram(dialect, found).await
        }
    })
}
