//! Secrets stay secret: they are in no line of a log that shows everything, and in no byte that a server sends.
//!
//! What the crates below log through the crate `log` is not seen here: of a frame, tungstenite shows all at the level `TRACE`.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value has something at every index, if only null"
)]

use std::path::Path;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wamp_server::proto::auth::cra::{Salt, derive_key};
use wamp_server::proto::auth::cryptosign::SigningKey;
use wamp_server::proto::auth::scram::{Client as Scram, Dialect};
use wamp_tests::answers;
use wamp_tests::client::{Arguments, Client};
use wamp_tests::credentials::{Credentials, credentials};
use wamp_tests::program::Program;
use wamp_tests::soon;
use wamp_tests::wiretap::Wiretap;

#[tokio::test]
async fn secrets_are_neither_logged_nor_sent() {
    let gatekeeper = Program::start(Path::new(env!("CARGO_BIN_EXE_gatekeeper")), &["trace"]).await;
    let wiretap = Wiretap::on(gatekeeper.address()).await;
    let mut visits = Visits {
        known: credentials(),
        wiretap: &wiretap,
        secrets: Vec::new(),
    };
    visits.with_tickets().await;
    visits.with_shared_secrets().await;
    visits.with_passwords().await;
    visits.with_keys().await;
    visits.in_two_steps().await;
    visits.by_the_transport().await;
    visits.with_a_lookup_that_fails().await;
    visits.with_broken_messages().await;
    visits.with_broken_requests().await;

    let secrets = visits.secrets;
    assert!(secrets.len() >= 100, "{}", secrets.len());
    let sent = String::from_utf8_lossy(&wiretap.heard()).into_owned();
    let log = gatekeeper.end().await;
    // Both are what they are taken for.
    assert!(sent.contains("authentication_denied"), "{sent}");
    assert!(log.contains("the session is aborted"), "{log}");
    // What a look-up fails with is for whoever runs the server, and for nobody else.
    let cause = &credentials().database_password;
    assert!(log.contains(cause) && !sent.contains(cause), "{log}");
    for secret in &secrets {
        assert!(!log.contains(secret), "{secret} is in the log");
        assert!(!sent.contains(secret), "{secret} was sent");
    }
}

/// One client after the other, through a wiretap, and what they have said or the server knows that is nobody else's business.
struct Visits<'a> {
    known: &'static Credentials,
    wiretap: &'a Wiretap,
    secrets: Vec<String>,
}

impl Visits<'_> {
    /// A secret that is made up for the occasion.
    fn plant(&mut self, what: &str) -> String {
        let secret = format!("planted-{what}-{}", self.secrets.len());
        self.keep(secret)
    }

    fn keep(&mut self, secret: impl Into<String>) -> String {
        let secret = secret.into();
        self.secrets.push(secret.clone());
        secret
    }

    async fn client(&self) -> Client {
        Client::connect(self.wiretap.address(), "/").await
    }

    /// Says HELLO with a secret beside what the method wants; the client, and CHALLENGE.
    async fn challenged(
        &mut self,
        realm: &str,
        method: &str,
        mut authextra: Value,
    ) -> (Client, Value) {
        authextra["more"] = self.plant("authextra").into();
        let details = json!({
            "authid": self.known.authid, "authmethods": [method], "authextra": authextra,
            "transport": {"auth": self.plant("transport")}, "x_unknown": self.plant("unknown"),
        });
        let mut client = self.client().await;
        let challenge = client.knock(realm, details).await;
        assert_eq!(challenge[0], 4, "{challenge}");
        (client, challenge)
    }

    /// Comes in by the right answer, and is turned away with a wrong one.
    async fn right_and_wrong(
        &mut self,
        realm: &str,
        method: &str,
        authextra: Value,
        answer: impl Fn(&Value) -> String,
    ) {
        let (mut client, challenge) = self.challenged(realm, method, authextra.clone()).await;
        let right = self.keep(answer(&challenge[2]));
        let welcome = client.authenticate(&right).await;
        assert_eq!(welcome[0], 2, "{welcome}");
        client.call("gate.whoami", Arguments::none()).await;
        let unasked = json!([5, self.plant("unasked"), {}]);
        client.send(&unasked).await;
        client.end().await;

        let (mut client, _) = self.challenged(realm, method, authextra).await;
        let wrong = json!([5, self.plant("wrong"), {"nonce": self.plant("extra")}]);
        client.send(&wrong).await;
        let abort = client.receive().await;
        assert_eq!(abort[2], "wamp.error.authentication_denied", "{abort}");
        client.end().await;
    }

    async fn with_tickets(&mut self) {
        let ticket = &self.known.ticket;
        self.right_and_wrong("ticket", "ticket", json!({}), |_| ticket.clone())
            .await;
    }

    async fn with_shared_secrets(&mut self) {
        let secret = self.keep(&self.known.cra_secret);
        self.right_and_wrong("wampcra", "wampcra", json!({}), |extra| {
            answers::wampcra(extra, &secret)
        })
        .await;

        let password = self.keep(&self.known.cra_password);
        let salt = Salt::with_cost(self.known.cra_salt.as_str(), 1_000, 32).expect("a good salt");
        let key = derive_key(password.as_bytes(), &salt);
        self.keep(&**key.expose());
        self.right_and_wrong("salted", "wampcra", json!({}), |extra| {
            answers::wampcra(extra, &password)
        })
        .await;
    }

    async fn with_passwords(&mut self) {
        let password = self.keep(&self.known.scram_password);
        let client = || Scram::new(Dialect::Crossbar, "joe", &[7; 16], None).expect("a good name");
        let nonce = json!({"nonce": client().nonce()});
        self.right_and_wrong("scram", "scram", nonce, |extra| {
            let (answer, _) = client()
                .answer(&password, &answers::question(extra))
                .expect("a good one");
            answer.signature.expose().to_string()
        })
        .await;
    }

    async fn with_keys(&mut self) {
        let seed = self.keep(&self.known.cryptosign_seed);
        let key = SigningKey::from_hex(&seed).expect("a seed");
        let pubkey = json!({"pubkey": key.public_key().to_hex()});
        self.right_and_wrong("cryptosign", "cryptosign", pubkey, |extra| {
            answers::cryptosign(extra, &key)
        })
        .await;
    }

    async fn in_two_steps(&mut self) {
        for code in [self.known.code.clone(), "wrong-code".to_owned()] {
            let (mut client, _) = self.challenged("two-steps", "two-steps", json!({})).await;
            let ticket = self.known.ticket.clone();
            assert_eq!(client.authenticate(&ticket).await[0], 4);
            client.authenticate(&self.keep(code)).await;
        }
    }

    async fn by_the_transport(&mut self) {
        let cookie = self.keep(&self.known.cookie);
        let token = self.keep(&self.known.token);
        for (cookie, token) in [
            (cookie, self.plant("token")),
            (self.plant("cookie"), token),
            (self.plant("cookie"), self.plant("token")),
        ] {
            let cookie = format!("login={cookie}");
            let bearer = format!("Bearer {token}");
            let protocol = self.plant("subprotocol");
            let headers = [
                ("cookie", &*cookie),
                ("authorization", &*bearer),
                ("x-api-key", &*token),
                ("sec-websocket-protocol", &*protocol),
            ];
            for path in [format!("/{token}"), format!("/?token={token}")] {
                let mut client =
                    Client::connect_with(self.wiretap.address(), &path, &headers).await;
                client.knock("transport", json!({})).await;
            }
        }
    }

    async fn with_a_lookup_that_fails(&mut self) {
        let mut client = self.client().await;
        let hello = json!({"authid": "joe", "authmethods": ["ticket"]});
        client.knock("broken", hello).await;
        let abort = client.authenticate(&self.plant("ticket")).await;
        assert_eq!(abort[2], "wamp.error.authentication_failed");
    }

    async fn with_broken_messages(&mut self) {
        for (realm, authextra) in [
            ("cryptosign", json!({"pubkey": self.plant("pubkey")})),
            ("cryptosign", json!({"pubkey": [self.plant("pubkey")]})),
            (
                "cryptosign",
                json!({"pubkey": "11".repeat(32), "channel_binding": self.plant("binding")}),
            ),
            ("scram", json!({"nonce": self.plant("nonce")})),
            ("scram", json!({"nonce": {"value": self.plant("nonce")}})),
        ] {
            let details = json!({"authid": "joe", "authmethods": [realm], "authextra": authextra});
            self.client().await.knock(realm, details).await;
        }
        for wrong in [
            json!([5, {"ticket": self.plant("ticket")}, {}]),
            json!([5, [self.plant("ticket")]]),
            json!([5, 7, {"nonce": self.plant("nonce")}]),
            json!([5, "7", {"nonce": [self.plant("nonce")]}]),
            json!([5, "7", self.plant("extra")]),
            json!([self.plant("code"), self.plant("ticket"), {}]),
            json!({"ticket": self.plant("ticket")}),
            json!([5, self.plant("large") + &"x".repeat(20 * 1024), {}]),
        ] {
            let (mut client, _) = self.challenged("ticket", "ticket", json!({})).await;
            client.send(&wrong).await;
            client.end().await;
        }
        for text in [
            format!("[5, \"{}\", {{", self.plant("unfinished")),
            format!("[5, \"{}\", {{}}] and more", self.plant("surplus")),
            format!(
                "[1, \"ticket\", {{\"authextra\": \"{}\"}}]",
                self.plant("authextra")
            ),
            self.plant("nothing"),
        ] {
            let mut client = self.client().await;
            client.send_text(text).await;
            client.end().await;
        }
    }

    /// Requests that are not accepted, with secrets in them.
    async fn with_broken_requests(&mut self) {
        let cookie = self.plant("cookie");
        let query = self.plant("query");
        let rest = "host: localhost\r\nconnection: close\r\n";
        for line in ["GET", "POST", "NONSENSE "] {
            let request = format!("{line} /?{query} HTTP/1.1\r\n{rest}cookie: {cookie}\r\n\r\n");
            let mut stream = TcpStream::connect(self.wiretap.address())
                .await
                .expect("it listens");
            let written = stream.write_all(request.as_bytes()).await;
            written.expect("it reads");
            let mut response = Vec::new();
            // It may be reset after it was answered.
            let _ = soon("a response", stream.read_to_end(&mut response)).await;
        }
    }
}
