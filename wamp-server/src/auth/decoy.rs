//! What somebody is asked who does not exist.

use std::fmt;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use bytestring::ByteString;
use sha2::{Digest as _, Sha256};
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
/// # fn f() -> Result<(), std::env::VarError> {
/// let secret = std::env::var("DECOY_SECRET")?;
/// let decoys = Decoys::new(secret.as_bytes())
///     .role("customer")
///     .scram(Dialect::Wamp, Kdf::Argon2id { iterations: 4096, memory: 512 }, 16);
/// let realm = Realm::new("shop").decoys(decoys);
/// # Ok(())
/// # }
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
    /// Decoys that are made with this secret: 32 random bytes are a good one, 16 the fewest.
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

    /// Text that is always the same for the same name, and looks like `like`: a number, hexadecimal, Base64 of whatever variant, or else
    /// letters and digits.
    fn text_like(&self, like: &str, authid: &str) -> String {
        let blocks = (0_u32..).map(|block| sign(&self.key, &format!("{block}.{authid}")));
        let mut bytes = blocks.flat_map(|it| <[u8; 32]>::from(Sha256::digest(it)));
        let mut letters = |alphabet: &[u8]| {
            let letter = |it: u8| alphabet.get(usize::from(it) % alphabet.len());
            let letters = bytes.by_ref().filter_map(letter).map(|&it| char::from(it));
            letters.take(like.len()).collect()
        };
        let all = |is: fn(&u8) -> bool| like.bytes().all(|it| is(&it));
        if all(u8::is_ascii_digit) {
            return letters(b"0123456789");
        }
        if all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')) {
            return letters(b"0123456789abcdef");
        }
        if all(|it| matches!(it, b'0'..=b'9' | b'A'..=b'F')) {
            return letters(b"0123456789ABCDEF");
        }
        let variants = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
        for variant in variants {
            if let Ok(decoded) = variant.decode(like) {
                let random = bytes.by_ref().take(decoded.len()).collect::<Vec<_>>();
                return variant.encode(random);
            }
        }
        letters(b"abcdefghijklmnopqrstuvwxyz0123456789")
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

    /// Whether decoys can be made as it was said, by a secret that cannot be guessed; otherwise why not.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.key.len() < MIN_SECRET {
            return Err(format!("a secret needs at least {MIN_SECRET} bytes"));
        }
        let made = self.credential(Dialect::Wamp, "");
        let made = made.and_then(|_| self.credential(Dialect::Crossbar, ""));
        made.map(drop).map_err(|error| error.to_string())
    }

    /// Takes over what is not known yet.
    pub(super) fn complete(&self, other: &Self) {
        fn take<T: Clone>(own: &OnceLock<T>, other: &OnceLock<T>) {
            if let Some(known) = other.get() {
                own.get_or_init(|| known.clone());
            }
        }
        take(&self.role, &other.role);
        take(&self.provider, &other.provider);
        take(&self.salt, &other.salt);
        take(&self.wamp_scram, &other.wamp_scram);
        take(&self.scram, &other.scram);
    }

    fn scram_of(&self, dialect: Dialect) -> &OnceLock<Scram> {
        match dialect {
            Dialect::Wamp => &self.wamp_scram,
            Dialect::Crossbar => &self.scram,
        }
    }
}

/// Bytes of a secret.
const MIN_SECRET: usize = 16;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salts_look_like_the_one_that_is_shown() {
        let decoys = Decoys::new([7; 32]);
        for (like, is_alike) in [
            ("123456", (|it| it.is_ascii_digit()) as fn(char) -> bool),
            ("5f4dcc3b5aa765d6", |it| matches!(it, '0'..='9' | 'a'..='f')),
            ("5F4DCC3B", |it| matches!(it, '0'..='9' | 'A'..='F')),
            ("salt123", |it| it.is_ascii_alphanumeric()),
        ] {
            let text = decoys.text_like(like, "jim");
            assert_eq!(text.len(), like.len(), "{text}");
            assert!(text.chars().all(is_alike), "{text}");
            assert_eq!(text, decoys.text_like(like, "jim"));
            assert_ne!(text, decoys.text_like(like, "ann"));
        }
        for variant in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            let like = variant.encode([0xfb; 16]);
            let text = decoys.text_like(&like, "jim");
            assert_eq!(variant.decode(&text).map(|it| it.len()), Ok(16), "{text}");
        }
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        assert!(Decoys::new("").check().is_err());
        assert!(Decoys::new([7; 16]).check().is_ok());
        assert!(Decoys::random().check().is_ok());
    }
}
