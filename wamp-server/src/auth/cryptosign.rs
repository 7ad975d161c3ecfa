//! A key pair of which the server knows the public half. WAMP, "Cryptosign-based Authentication".

use std::sync::Arc;

use wamp_proto::auth::cryptosign::{self, PublicKey};
use wamp_proto::auth::scram::TLS_EXPORTER;
use wamp_proto::message::details::ChallengeExtra;

use super::authenticator::Method;
use super::exchange::Exchange;
use super::found::IntoFound;
use super::principal::Principal;
use super::scram::malformed;
use crate::Session;
use crate::handler::CallError;

impl Exchange {
    /// Has the peer sign a challenge with the key that it names, bound to the TLS connection if it asks for that; the key, if it has
    /// it. Whether anybody with that key may come in is still to be found out.
    ///
    /// # Errors
    ///
    /// When HELLO names no key, or a channel binding that there is not; and those of [`challenge`](Self::challenge).
    pub async fn cryptosign(&mut self) -> Result<Option<PublicKey>, CallError> {
        let key = self.hello_text("pubkey")?.unwrap_or_default();
        let key = PublicKey::from_hex(&key)
            .map_err(|_| malformed("`authextra.pubkey` must be a public key, in hexadecimal"))?;
        let channel_binding = self.hello_text("channel_binding")?;
        let channel = self.session().transport().channel_binding().copied();
        let channel = channel.filter(|_| channel_binding.as_deref() == Some(TLS_EXPORTER));
        if channel_binding.is_some() && channel.is_none() {
            return Err(malformed("there is no such `authextra.channel_binding`"));
        }
        let challenge = rand::random::<[u8; 32]>();
        let question = ChallengeExtra {
            challenge: Some(
                challenge
                    .iter()
                    .map(|it| format!("{it:02x}"))
                    .collect::<String>()
                    .into(),
            ),
            channel_binding: channel_binding.map(Into::into),
            ..ChallengeExtra::default()
        };
        let answer = self.challenge(question).await?.signature;
        let verified = cryptosign::verify(&key, &challenge, channel.as_ref(), answer.expose());
        Ok(verified.is_ok().then_some(key))
    }
}

pub(crate) fn method<F, Fut>(find: F) -> Method
where
    F: Fn(Session, PublicKey) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoFound<Principal>> + Send + 'static,
{
    let find = Arc::new(find);
    Method::from_fn(cryptosign::METHOD, move |mut exchange| {
        let find = Arc::clone(&find);
        async move {
            match exchange.cryptosign().await? {
                Some(key) => find(exchange.session().clone(), key).await.into_found(),
                None => Ok(None),
            }
        }
    })
}
