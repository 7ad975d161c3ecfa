//! What somebody is asked who does not exist.

use std::sync::OnceLock;

use bytestring::ByteString;
use wamp_proto::auth::BadParameter;
use wamp_proto::auth::cra::{Salt, sign};
use wamp_proto::auth::scram::{Credential, Dialect, Kdf};
use wamp_proto::message::details::ChallengeExtra;

/// Makes questions for unknown users that look like those for known ones.
///
/// They are always the same for the same name, and as those for the first user who was known: what changed from one attempt to the next
/// would tell that nobody is there.
#[derive(Debug)]
pub(crate) struct Decoys {
    /// Whoever had it could tell decoys from credentials.
    key: [u8; 32],
    profile: OnceLock<Profile>,
    wamp_scram: OnceLock<Kdf>,
    scram: OnceLock<Kdf>,
}

/// What a challenge of WAMP-CRA tells about a user.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) role: ByteString,
    pub(super) provider: ByteString,
    /// `None`: the secret is the key.
    pub(super) salt: Option<Salt>,
}

impl Decoys {
    pub(super) fn new() -> Self {
        Self {
            key: rand::random(),
            profile: OnceLock::new(),
            wamp_scram: OnceLock::new(),
            scram: OnceLock::new(),
        }
    }

    /// Sees what is told about somebody who exists.
    pub(super) fn observe(&self, profile: &Profile) {
        self.profile.get_or_init(|| profile.clone());
    }

    /// What is told about somebody who does not exist.
    pub(super) fn profile(&self, authid: &str) -> Profile {
        match self.profile.get() {
            Some(known) => Profile {
                salt: known.salt.as_ref().and_then(|it| self.salt(it, authid)),
                ..known.clone()
            },
            None => Profile {
                role: ByteString::from_static("user"),
                provider: ByteString::from_static("dynamic"),
                salt: None,
            },
        }
    }

    /// A salt as long and as costly as `like`.
    fn salt(&self, like: &Salt, authid: &str) -> Option<Salt> {
        let mut extra = ChallengeExtra::default();
        like.write_to(&mut extra);
        let wanted = extra.salt.as_ref().map_or(0, |it| it.len());
        let mut text = sign(&self.key, authid);
        // Without the padding that every such text ends with.
        text.truncate(wanted.min(text.len() - 1));
        extra.salt = Some(text.into());
        Salt::from_challenge(&extra).ok().flatten()
    }

    /// Sees the credential of somebody who exists.
    pub(super) fn observe_scram(&self, dialect: Dialect, kdf: Kdf) {
        self.kdf(dialect).get_or_init(|| kdf);
    }

    /// The credential of somebody who does not exist: no password fits.
    pub(super) fn scram(&self, dialect: Dialect, authid: &str) -> Result<Credential, BadParameter> {
        let kdf = self.kdf(dialect).get().copied().unwrap_or(USUAL_KDF);
        Credential::mock(&self.key, authid, kdf)
    }

    fn kdf(&self, dialect: Dialect) -> &OnceLock<Kdf> {
        match dialect {
            Dialect::Wamp => &self.wamp_scram,
            Dialect::Crossbar => &self.scram,
        }
    }
}

/// What credentials look like before anybody was known: what the specification shows.
const USUAL_KDF: Kdf = Kdf::Argon2id {
    iterations: 4096,
    memory: 512,
};
