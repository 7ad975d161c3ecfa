//! One session that is to be opened.

use std::fmt;

use bytes::BytesMut;
use bytestring::ByteString;
use serde::Deserialize;
use wamp_proto::auth::BadParameter;
use wamp_proto::auth::cra::{self, Salt};
use wamp_proto::auth::cryptosign::SigningKey;
use wamp_proto::auth::scram::{self, Dialect, ServerProof, TLS_EXPORTER};
use wamp_proto::codec::{EncodeError, Format, Write as _};
use wamp_proto::message::details::{ChallengeExtra, HelloDetails, WelcomeDetails};
use wamp_proto::message::{Authenticate, Challenge, Raw, Secret};

use super::answer::{Answer, encoded};
use super::credentials::Credentials;
use super::method::{Method, excerpt, remedy};
use crate::error::ConnectError;

/// CHALLENGEs that are answered in one attempt.
const MOST_ROUNDS: usize = 32;

/// One use of [`Credentials`]: HELLO, CHALLENGE and WELCOME of one session, in this order.
///
/// ```no_run
/// # use wamp_client::proto::message::details::{HelloDetails, WelcomeDetails};
/// # use wamp_client::proto::message::{Challenge, Message};
/// # use wamp_client::auth::Credentials;
/// # async fn f(mut hello: HelloDetails, challenge: Challenge, welcome: WelcomeDetails) -> Result<(), wamp_client::ConnectError> {
/// let credentials = Credentials::new().authid("joe").ticket("open sesame");
/// let mut attempt = credentials.start(None)?;
/// attempt.hello(&mut hello);
/// let authenticate = attempt.answer(&challenge).await?;
/// attempt.verify(&welcome)?;
/// # Ok(())
/// # }
/// ```
pub struct Attempt {
    authid: Option<ByteString>,
    methods: Vec<Method>,
    authextra: Option<Raw>,
    channel_id: Option<[u8; 32]>,
    /// The random bytes of SCRAM. Both dialects have the same, since HELLO has room for one.
    nonce: [u8; 16],
    /// The methods that were asked for, each time again.
    asked: Vec<ByteString>,
    /// What WELCOME has to have in it.
    proofs: Vec<(Dialect, ServerProof)>,
}

impl Attempt {
    pub(super) fn new(
        credentials: Credentials,
        channel_id: Option<[u8; 32]>,
    ) -> Result<Self, ConnectError> {
        let Credentials {
            authid,
            mut methods,
            extra,
            bound,
        } = credentials;
        let of =
            |dialect| move |it: &Method| matches!(it, Method::Scram(other, _) if *other == dialect);
        if bound {
            methods.retain(|it| !of(Dialect::Crossbar)(it));
        }
        // Crossbar.io takes the first that it has, but refuses HELLO if it comes to one that it does not know.
        if methods.iter().any(of(Dialect::Crossbar)) {
            methods.sort_by_key(of(Dialect::Wamp));
        }
        let channel_id = channel_id.filter(|_| bound);
        if bound && channel_id.is_none() {
            return Err(ConnectError::Auth(
                "the proof is to be bound to the TLS connection, but there is no TLS".to_owned(),
            ));
        }
        let mut attempt = Self {
            authid,
            methods,
            authextra: None,
            channel_id,
            nonce: rand::random(),
            asked: Vec::new(),
            proofs: Vec::new(),
        };
        attempt.authextra = attempt.authextra(&extra)?;
        Ok(attempt)
    }

    /// Puts who we are, and which methods we offer, into HELLO.
    pub fn hello(&self, details: &mut HelloDetails) {
        let names = self.methods.iter().map(|it| it.name().into());
        details.authmethods = names.collect();
        details.authid.clone_from(&self.authid);
        details.authextra.clone_from(&self.authextra);
    }

    /// Answers CHALLENGE.
    ///
    /// # Errors
    ///
    /// When the router asks for a method that was not offered, for more than a client should answer, or again for what it has had.
    pub async fn answer(&mut self, challenge: &Challenge) -> Result<Authenticate, ConnectError> {
        let name = &challenge.method;
        let method = self.methods.iter().find(|it| it.name() == &**name);
        let Some(method) = method.cloned() else {
            return Err(ConnectError::Auth(format!(
                "the router asks for `{}`, which was not offered; it would need {}",
                excerpt(name),
                remedy(name)
            )));
        };
        self.count(name, &method)?;
        let extra = &*challenge.extra;
        let answer = match method {
            Method::Unasked(_) => {
                return Err(ConnectError::Auth(format!(
                    "the router asks for a proof of `{name}`, which has none"
                )));
            }
            Method::Ticket(ticket) => Answer::from(ticket),
            Method::Cra(secret) => sign_cra(secret, extra).await?,
            Method::Cryptosign(key) => self.sign(&key, extra)?,
            Method::Scram(dialect, password) => self.scram(dialect, password, extra).await?,
            Method::Custom(_, respond) => respond(challenge.clone())
                .await
                .map_err(|error| ConnectError::Auth(format!("`{name}`: {error}")))?,
        };
        Ok(answer.into_message())
    }

    /// Whether WELCOME is what was asked for.
    ///
    /// # Errors
    ///
    /// When it names a method that was not offered, comes without the proof that was offered, or lacks the router's own.
    pub fn verify(&self, welcome: &WelcomeDetails) -> Result<(), ConnectError> {
        for (dialect, proof) in &self.proofs {
            let said = welcome.authextra.as_ref().map(Raw::decode::<Verifier>);
            let said = said.and_then(Result::ok);
            let said = said.and_then(|it| it.of(*dialect)).ok_or_else(|| {
                ConnectError::Auth(
                    "the router does not prove that it knows the password".to_owned(),
                )
            })?;
            proof.verify(&said).map_err(|_| {
                ConnectError::Auth(
                    "the router's proof is wrong: it does not know the password".to_owned(),
                )
            })?;
        }
        self.verify_method(welcome)
    }

    fn verify_method(&self, welcome: &WelcomeDetails) -> Result<(), ConnectError> {
        if self.methods.is_empty() {
            return Ok(());
        }
        let offered = || self.methods.iter().map(Method::name).collect::<Vec<_>>();
        let unasked = |name: &str| {
            let mut methods = self.methods.iter();
            methods.any(|it| matches!(it, Method::Unasked(known) if known == name))
        };
        let proved = |name: &str| self.asked.iter().any(|it| &**it == name);
        match welcome.authmethod.as_deref() {
            Some(said) if proved(said) || unasked(said) => Ok(()),
            None if !self.asked.is_empty() || offered().into_iter().any(unasked) => Ok(()),
            Some(said) if !offered().contains(&said) => Err(ConnectError::Auth(format!(
                "the router has let us in by `{}`, which was not offered: {} was",
                excerpt(said),
                offered().join(", ")
            ))),
            _ => Err(ConnectError::Auth(format!(
                "the router has let us in without the proof that was offered: {}",
                offered().join(", ")
            ))),
        }
    }

    /// Methods may be combined, but only the application's own may be asked for twice.
    fn count(&mut self, name: &ByteString, method: &Method) -> Result<(), ConnectError> {
        if self.asked.contains(name) && !matches!(method, Method::Custom(..)) {
            return Err(ConnectError::Auth(format!(
                "the router asks for `{name}` twice"
            )));
        }
        if self.asked.len() == MOST_ROUNDS {
            return Err(ConnectError::Auth(format!(
                "the router has asked {MOST_ROUNDS} times"
            )));
        }
        self.asked.push(name.clone());
        Ok(())
    }

    fn sign(&self, key: &SigningKey, extra: &ChallengeExtra) -> Result<Answer, ConnectError> {
        let binding = self.channel_id.map(|_| TLS_EXPORTER);
        let asked = extra.channel_binding.as_deref();
        if asked.is_some_and(|it| Some(it) != binding) {
            return Err(ConnectError::Auth(
                "the router wants another channel binding than was offered".to_owned(),
            ));
        }
        let challenge = extra.challenge.as_deref().and_then(hex);
        let challenge = challenge.ok_or_else(|| {
            ConnectError::Auth(
                "the router's challenge for cryptosign is not of 32 bytes in hexadecimal"
                    .to_owned(),
            )
        })?;
        Ok(key.sign(&challenge, self.channel_id.as_ref()).into())
    }

    async fn scram(
        &mut self,
        dialect: Dialect,
        password: Secret,
        extra: &ChallengeExtra,
    ) -> Result<Answer, ConnectError> {
        let client = self.scram_client(dialect)?;
        let extra = extra.clone();
        let answered = compute(move || client.answer(password.expose(), &extra)).await?;
        let (answer, proof) = answered.map_err(|error| unusable(dialect.method(), error))?;
        self.proofs.push((dialect, proof));
        Ok(Answer::with(answer.signature, answer.extra))
    }

    fn scram_client(&self, dialect: Dialect) -> Result<scram::Client, ConnectError> {
        let Some(authid) = &self.authid else {
            return Err(ConnectError::Config(format!(
                "`{}` needs an authid",
                dialect.method()
            )));
        };
        let client = scram::Client::new(dialect, authid, &self.nonce, self.channel_id);
        client.map_err(|error| ConnectError::Config(format!("`{}`: {error}", dialect.method())))
    }

    /// `HELLO.Details.authextra`: what the methods need to say in advance.
    fn authextra(&self, extra: &[(ByteString, Raw)]) -> Result<Option<Raw>, ConnectError> {
        let mut own = Vec::new();
        let mut say = |key: &'static str, value: &str| {
            own.retain(|(known, _)| known != key);
            own.push((ByteString::from_static(key), encoded(key, &value)?));
            Ok::<_, ConnectError>(())
        };
        for method in &self.methods {
            match method {
                Method::Scram(dialect, _) => say("nonce", self.scram_client(*dialect)?.nonce())?,
                Method::Cryptosign(key) => say("pubkey", &key.public_key().to_hex())?,
                _ => continue,
            }
            if self.channel_id.is_some() {
                say("channel_binding", TLS_EXPORTER)?;
            }
        }
        let is_own = |key: &ByteString| own.iter().any(|(known, _)| known == key);
        let entries = extra.iter().filter(|(key, _)| !is_own(key)).chain(&own);
        let entries = entries.collect::<Vec<_>>();
        if entries.is_empty() {
            return Ok(None);
        }
        let map = map(&entries);
        map.map(Some).map_err(|error| {
            ConnectError::Config(format!("`authextra` cannot be serialized: {error}"))
        })
    }
}

/// Without secrets.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("authid", &self.authid.as_deref())
            .field("methods", &self.methods)
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

/// A dictionary of values that are in the format of [`encoded`].
fn map(entries: &[&(ByteString, Raw)]) -> Result<Raw, EncodeError> {
    let mut out = BytesMut::new();
    let mut writer = Format::Cbor.writer(&mut out);
    writer.map(Some(entries.len()))?;
    for (key, value) in entries {
        writer.str(key)?;
        writer.raw(value.bytes())?;
    }
    writer.end()?;
    drop(writer);
    Ok(Raw::from_encoded(Format::Cbor, out.freeze()))
}

async fn sign_cra(secret: Secret, extra: &ChallengeExtra) -> Result<Answer, ConnectError> {
    let unusable = |error| unusable(cra::METHOD, error);
    let Some(challenge) = extra.challenge.clone() else {
        return Err(ConnectError::Auth(
            "the router's challenge for `wampcra` is missing".to_owned(),
        ));
    };
    let key = match Salt::from_challenge(extra).map_err(unusable)? {
        None => secret,
        Some(salt) => compute(move || cra::derive_key(secret.expose().as_bytes(), &salt)).await?,
    };
    Ok(cra::sign(key.expose().as_bytes(), &challenge).into())
}

/// Takes its time in a thread of its own.
async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ConnectError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ConnectError::Auth("the answer could not be computed".to_owned()))
}

fn unusable(method: &str, error: BadParameter) -> ConnectError {
    ConnectError::Auth(format!(
        "the router's challenge for `{method}` cannot be answered: {error}"
    ))
}

/// 32 bytes in hexadecimal.
fn hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    let digit = |it: u8| {
        char::from(it)
            .to_digit(16)
            .and_then(|it| u8::try_from(it).ok())
    };
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// What of `WELCOME.Details.authextra` is the router's proof, in either dialect.
#[derive(Deserialize)]
struct Verifier {
    verifier: Option<String>,
    scram_server_signature: Option<String>,
}

impl Verifier {
    fn of(self, dialect: Dialect) -> Option<String> {
        match dialect {
            Dialect::Wamp => self.verifier,
            Dialect::Crossbar => self.scram_server_signature,
        }
    }
}
