//! Exchanges that succeed as long as nobody interferes.

use std::sync::LazyLock;

use wamp_proto::auth::Denied;
use wamp_proto::auth::scram::{
    Answer, Client, ClientFirst, Credential, Dialect, Kdf, Server, ServerProof, TLS_EXPORTER,
};
use wamp_proto::message::details::ChallengeExtra;

use crate::count;

pub(crate) const KDF: Kdf = Kdf::Pbkdf2 { iterations: 4096 };
pub(crate) const CHANNEL: [u8; 32] = [0x5a; 32];
/// The bytes from 32 on.
pub(crate) const CLIENT_NONCE: &str = "ICEiIyQlJicoKSorLC0uLw==";
pub(crate) const SERVER_NONCE: [u8; 16] = [0x11; 16];

/// An exchange that succeeds as long as nobody interferes.
pub(crate) struct Setup {
    pub(crate) dialect: Dialect,
    pub(crate) channel: Option<[u8; 32]>,
    pub(crate) credential: Credential,
}

pub(crate) static UNBOUND: LazyLock<Setup> = LazyLock::new(|| Setup::new(Dialect::Wamp, None));
pub(crate) static BOUND: LazyLock<Setup> =
    LazyLock::new(|| Setup::new(Dialect::Wamp, Some(CHANNEL)));
pub(crate) static DEPLOYED: LazyLock<Setup> = LazyLock::new(|| Setup::new(Dialect::Crossbar, None));

/// Deriving keys is slow on purpose, so the proofs that are mutated are computed once.
pub(crate) static ANSWERS: LazyLock<[(&Setup, Answer, ServerProof); 3]> = LazyLock::new(|| {
    [&*UNBOUND, &*BOUND, &*DEPLOYED].map(|setup| {
        let (_, challenge) = setup.start().unwrap();
        let (answer, proof) = setup.client().answer("pencil", &challenge).unwrap();
        (setup, answer, proof)
    })
});

impl Setup {
    pub(crate) fn new(dialect: Dialect, channel: Option<[u8; 32]>) -> Self {
        let credential = Credential::derive(dialect, "pencil", &count::<16>(0), KDF).unwrap();
        Self {
            dialect,
            channel,
            credential,
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.dialect, "user", &count::<16>(32), self.channel).unwrap()
    }

    pub(crate) fn hello(&self) -> ClientFirst<'static> {
        ClientFirst {
            authid: "user",
            nonce: CLIENT_NONCE,
            channel_binding: self.channel.map(|_| TLS_EXPORTER),
        }
    }

    pub(crate) fn start(&self) -> Result<(Server, ChallengeExtra), Denied> {
        self.start_with(&self.hello())
    }

    /// Starts the exchange after somebody has changed HELLO.
    pub(crate) fn start_with(
        &self,
        hello: &ClientFirst<'_>,
    ) -> Result<(Server, ChallengeExtra), Denied> {
        self.start_at(hello, &SERVER_NONCE)
    }

    /// Starts the exchange at another time.
    pub(crate) fn start_at(
        &self,
        hello: &ClientFirst<'_>,
        server_nonce: &[u8; 16],
    ) -> Result<(Server, ChallengeExtra), Denied> {
        Server::start(
            self.dialect,
            hello,
            server_nonce,
            &self.credential,
            self.channel.as_ref(),
        )
    }

    /// Whether the answer is denied after somebody has changed CHALLENGE.
    pub(crate) fn challenge_denied(&self, change: impl FnOnce(&mut ChallengeExtra)) -> bool {
        let (server, mut challenge) = self.start().unwrap();
        change(&mut challenge);
        let (answer, _) = self.client().answer("pencil", &challenge).unwrap();
        denied(server, &answer)
    }
}

pub(crate) fn denied(server: Server, answer: &Answer) -> bool {
    server.finish(answer.signature.expose(), &answer.extra) == Err(Denied)
}
