//! A shared secret that signs a challenge. WAMP, "Challenge Response Authentication".

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytestring::ByteString;
use wamp_proto::auth::cra::{self, Challenge, Salt};
use wamp_proto::message::Secret;
use wamp_proto::message::details::ChallengeExtra;

use super::authenticator::Method;
use super::decoy::Profile;
use super::exchange::Exchange;
use super::found::IntoFound;
use super::principal::Principal;
use crate::Session;
use crate::handler::CallError;

/// What WAMP-CRA has to know about somebody: who that is, and the key that it must have.
#[derive(Clone)]
#[must_use]
pub struct CraCredential {
    principal: Principal,
    key: Secret,
    salt: Option<Salt>,
}

impl CraCredential {
    /// Somebody who has this secret. Take one that nobody can guess: whoever has seen one challenge and its answer can try secrets
    /// at leisure.
    pub fn new(principal: Principal, secret: impl Into<ByteString>) -> Self {
        Self {
            principal,
            key: Secret::new(secret),
            salt: None,
        }
    }

    /// Somebody who has the password that this key was derived from, with this salt; see
    /// [`derive_key`](crate::proto::auth::cra::derive_key).
    ///
    /// ```
    /// use wamp_server::auth::{CraCredential, Principal};
    /// use wamp_server::proto::auth::cra::{Salt, derive_key};
    ///
    /// # fn f() -> Result<(), wamp_server::proto::auth::BadParameter> {
    /// // Once, when the password is set; key and salt are what is stored.
    /// let salt = Salt::with_cost("salt123", 10_000, 32)?;
    /// let key = derive_key(b"secret1", &salt);
    ///
    /// let credential = CraCredential::salted(Principal::new("peter", "user"), key, salt);
    /// # Ok(())
    /// # }
    /// ```
    pub fn salted(principal: Principal, key: Secret, salt: Salt) -> Self {
        Self {
            principal,
            key,
            salt: Some(salt),
        }
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

/// Without the key.
impl fmt::Debug for CraCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CraCredential")
            .field("principal", &self.principal)
            .field("is_salted", &self.salt.is_some())
            .finish_non_exhaustive()
    }
}

impl Exchange {
    /// Has the peer sign a challenge with its secret; `None` if that is not the one of `credential`.
    ///
    /// Somebody unknown, without a credential, is asked, too: nobody can find out by that who is known. The challenge tells the role,
    /// though; see [`Decoys`](super::Decoys) for what it tells about somebody unknown.
    ///
    /// # Errors
    ///
    /// Those of [`challenge`](Self::challenge).
    pub async fn wampcra(
        &mut self,
        credential: Option<CraCredential>,
    ) -> Result<Option<Principal>, CallError> {
        let session = self.session().id();
        let claimed = self.authid().unwrap_or_default().to_owned();
        // Made for everybody, so that it takes no time that tells something.
        let (decoy, decoy_key) = (self.decoys.profile(&claimed), Secret::new(nonce()));
        let (authid, profile, key) = match &credential {
            Some(it) => (&*it.principal.id, it.profile(), it.key.clone()),
            None => (&*claimed, decoy, decoy_key),
        };
        let challenge = Challenge {
            authid,
            authrole: &profile.role,
            authprovider: &profile.provider,
            nonce: &nonce(),
            timestamp: &humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
            session,
        }
        .to_json();
        let mut extra = ChallengeExtra {
            challenge: Some(challenge.as_str().into()),
            ..ChallengeExtra::default()
        };
        if let Some(salt) = &profile.salt {
            salt.write_to(&mut extra);
        }
        if credential.is_some() {
            self.decoys.observe(&profile);
        }
        let answer = self.challenge(extra).await?.signature;
        let is_right = cra::verify(key.expose().as_bytes(), &challenge, answer.expose());
        Ok(credential.map(|it| it.principal).filter(|_| is_right))
    }
}

impl CraCredential {
    pub(super) fn profile(&self) -> Profile {
        Profile {
            role: self.principal.role.clone(),
            provider: self.principal.known_by(),
            salt: self.salt.clone(),
        }
    }
}

/// Text that nobody can guess and that never comes again: 128 random bits.
fn nonce() -> String {
    format!("{:032x}", rand::random::<u128>())
}

pub(crate) fn method<F, Fut>(find: F) -> Method
where
    F: Fn(Session) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoFound<CraCredential>> + Send + 'static,
{
    let find = Arc::new(find);
    Method::from_fn(cra::METHOD, move |mut exchange| {
        let find = Arc::clone(&find);
        async move {
            let found = find(exchange.session().clone()).await.into_found()?;
            exchange.wampcra(found).await
        }
    })
}
