//! What somebody is asked who does not exist.

use std::fmt;
use std::sync::OnceLock;

use bytestring::ByteString;
use wamp_proto::auth::BadParameter;
use wamp_proto::auth::cra::{Salt, sign};
use wamp_proto::auth::scram::{Credential, Dialect, Kdf};
use wamp_proto::message::details::ChallengeExtra;

/// How unknown users are asked, so that nobody can tell them from known ones.
///
/// A challenge tells something about a user: the role, how the password is salted, what deriving the key costs. For somebody unknown that
/// is made up: always the same for the same name, as long as the secret is the same, and of the kind that is said here. What is not
/// said is as for the first of the [`Principals`](super::Principals), or else as for the first known user who asks, which is too late for the
/// unknown ones who asked before. So say it, with what you store for your users, where it matters who is one; and if servers are
/// restarted or there are several, with a secret of your own.
///
/// Users who differ from each other in these things can still be told from unknown ones, who do not.
///
/// ```
/// use wamp_server::Realm;
/// use wamp_server::auth::Decoys;
/// use wamp_server::proto::auth::scram::{Dialect, Kdf};
///
/// let secret = std::env::var("DECOY_SECRET").unwrap_or_default();
/// let decoys = Decoys::new(secret.as_bytes())
///     .role("customer")
///     .scram(Dialect::Wamp, Kdf::Argon2id { iterations: 4096, memory: 512 }, 16);
/// let realm = Realm::new("shop").decoys(decoys);
/// ```
#[must_use]
pub struct Decoys {
    /// Whoever had it could tell decoys from credentials.
    key: Box<[u8]>,
    role: OnceLock<ByteString>,
    provider: OnceLock<ByteString>,
    /// `None` inside: the secret is the key.
    salt: OnceLock<Option<Salt>>,
    wamp_scram: OnceLock<Scram>,
    scram: OnceLock<Scram>,
}

/// What a challenge of SCRAM tells about a user.
#[derive(Clone, Copy)]
struct Scram {
    kdf: Kdf,
    salt_len: usize,
}

/// What a challenge of WAMP-CRA tells about a user.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) role: ByteString,
    pub(super) provider: ByteString,
    pub(super) salt: Option<Salt>,
}

impl Decoys {
    /// Decoys that are made with this secret: 32 random bytes are a good one.
    pub fn new(secret: impl AsRef<[u8]>) -> Self {
        Self {
            key: secret.as_ref().into(),
            role: OnceLock::new(),
            provider: OnceLock::new(),
            salt: OnceLock::new(),
            wamp_scram: OnceLock::new(),
            scram: OnceLock::new(),
        }
    }

    pub(super) fn random() -> Self {
        Self::new(rand::random::<[u8; 32]>())
    }

    /// The role that WAMP-CRA tells.
    pub fn role(mut self, role: impl Into<ByteString>) -> Self {
        self.role = OnceLock::from(role.into());
        self
    }

    /// The provider that WAMP-CRA tells.
    pub fn provider(mut self, provider: impl Into<ByteString>) -> Self {
        self.provider = OnceLock::from(provider.into());
        self
    }

    /// A salt like those of WAMP-CRA: decoys are as long, of the same alphabet, and cost as much. `None` if secrets are not salted.
    pub fn salt(mut self, like: Option<Salt>) -> Self {
        self.salt = OnceLock::from(like);
        self
    }

    /// What SCRAM costs, and how long its salts are, in bytes.
    pub fn scram(mut self, dialect: Dialect, kdf: Kdf, salt_len: usize) -> Self {
        let said = OnceLock::from(Scram { kdf, salt_len });
        match dialect {
            Dialect::Wamp => self.wamp_scram = said,
            Dialect::Crossbar => self.scram = said,
        }
        self
    }

    /// Sees what is told about somebody who exists.
    pub(super) fn observe(&self, profile: &Profile) {
        self.role.get_or_init(|| profile.role.clone());
        self.provider.get_or_init(|| profile.provider.clone());
        self.salt.get_or_init(|| profile.salt.clone());
    }

    /// What is told about somebody who does not exist.
    pub(super) fn profile(&self, authid: &str) -> Profile {
        let said = |it: &OnceLock<ByteString>, unsaid| {
            let unsaid = ByteString::from_static(unsaid);
            it.get().cloned().unwrap_or(unsaid)
        };
        let salt = self.salt.get().and_then(Option::as_ref);
        Profile {
            role: said(&self.role, "user"),
            provider: said(&self.provider, "dynamic"),
            salt: salt.and_then(|it| self.salt_like(it, authid)),
        }
    }

    fn salt_like(&self, like: &Salt, authid: &str) -> Option<Salt> {
        let mut extra = ChallengeExtra::default();
        like.write_to(&mut extra);
        let salt = self.text_like(extra.salt.as_deref()?, authid);
        extra.salt = Some(salt.into());
        Salt::from_challenge(&extra).ok().flatten()
    }

    /// Text that is always the same for the same name, as long as `like`, and of its alphabet.
    fn text_like(&self, like: &str, authid: &str) -> String {
        let is_hex = like.bytes().all(|it| it.is_ascii_hexdigit());
        let blocks = (0_u32..).map(|block| sign(&self.key, &format!("{block}.{authid}")));
        let letters = blocks.flat_map(|block| {
            // Without the padding that every such text ends with.
            let letters = block.trim_end_matches('=').chars().collect::<Vec<_>>();
            letters.into_iter()
        });
        let letters = letters.map(|letter| match is_hex {
            true => char::from_digit(u32::from(letter) % 16, 16).unwrap_or(letter),
            false => letter,
        });
        letters.take(like.len()).collect()
    }

    /// Sees the credential of somebody who exists.
    pub(super) fn observe_scram(&self, dialect: Dialect, credential: &Credential) {
        self.scram_of(dialect).get_or_init(|| Scram {
            kdf: credential.kdf(),
            salt_len: credential.salt().len(),
        });
    }

    /// The credential of somebody who does not exist: no password fits.
    pub(super) fn credential(
        &self,
        dialect: Dialect,
        authid: &str,
    ) -> Result<Credential, BadParameter> {
        let Scram { kdf, salt_len } = self.scram_of(dialect).get().copied().unwrap_or(USUAL);
        Credential::mock(&self.key, authid, kdf, salt_len)
    }

    /// Whether decoys of SCRAM can be made as it was said.
    pub(crate) fn check(&self) -> Result<(), BadParameter> {
        self.credential(Dialect::Wamp, "")?;
        self.credential(Dialect::Crossbar, "")?;
        Ok(())
    }

    fn scram_of(&self, dialect: Dialect) -> &OnceLock<Scram> {
        match dialect {
            Dialect::Wamp => &self.wamp_scram,
            Dialect::Crossbar => &self.scram,
        }
    }
}

/// What credentials look like if nothing is known about them: what the specification shows.
const USUAL: Scram = Scram {
    kdf: Kdf::Argon2id {
        iterations: 4096,
        memory: 512,
    },
    salt_len: 16,
};

/// Without the key.
impl fmt::Debug for Decoys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoys")
            .field("role", &self.role)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}
