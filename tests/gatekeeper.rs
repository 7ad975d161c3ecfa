//! The server that foreign clients authenticate with: a realm for each way in, named like it, and in each the same one who may come in.
//!
//! `foreign/credentials.json` has what he comes in by. Beside the address there may be the words `trace`, for a log of everything, and
//! `impatient`, for a server that does not wait long for an answer.

use std::env;
use std::future::ready;
use std::time::Duration;

use tracing_subscriber::filter::LevelFilter;
use wamp_server::auth::{
    Authenticator, CraCredential, Exchange, Principal, Principals, ScramCredential,
};
use wamp_server::proto::auth::BadParameter;
use wamp_server::proto::auth::cra::{self, Salt};
use wamp_server::proto::auth::cryptosign::SigningKey;
use wamp_server::proto::auth::scram::{Credential, Dialect, Kdf};
use wamp_server::proto::message::details::ChallengeExtra;
use wamp_server::{
    App, CallError, Limits, Realm, RealmBuilder, Reply, Session, procedure, procedures,
};
use wamp_tests::credentials::{Credentials, credentials};

/// The cheapest that is allowed: clients have to do it for every login.
const KDF: Kdf = Kdf::Argon2id {
    iterations: 2,
    memory: 8 * 1024,
};

/// What the server believes about the caller.
#[procedure("gate.whoami")]
async fn whoami(session: &Session) -> Reply {
    let auth = session.auth();
    Reply::new()
        .kwarg("authid", &*auth.id)
        .kwarg("authrole", &*auth.role)
        .kwarg("authmethod", &*auth.method)
        .kwarg("authprovider", &*auth.provider)
}

fn joe() -> Principal {
    Principal::new("joe", "customer")
        .provider("gate")
        .extra("theme", "dark")
}

/// Whether the peer says that it is Joe.
fn claims_to_be_joe(session: &Session) -> bool {
    session.hello().authid.as_deref() == Some("joe")
}

/// A ticket, then a code.
struct TwoSteps(&'static Credentials);

impl Authenticator for TwoSteps {
    fn method(&self) -> &str {
        "two-steps"
    }

    async fn authenticate(&self, mut exchange: Exchange) -> Result<Option<Principal>, CallError> {
        let ticket = exchange.ticket().await?;
        let code = exchange
            .challenge_as("code", ChallengeExtra::default())
            .await?;
        let is_right = ticket.is_same(&self.0.ticket) & code.signature.is_same(&self.0.code);
        Ok(is_right.then(joe))
    }
}

fn realms(known: &'static Credentials) -> Result<Vec<RealmBuilder>, BadParameter> {
    let seed = SigningKey::from_hex(&known.cryptosign_seed)?;
    let key = seed.public_key();
    let salt = Salt::with_cost(known.cra_salt.as_str(), 1_000, 32)?;
    let derived = cra::derive_key(known.cra_password.as_bytes(), &salt);
    let salted = CraCredential::salted(joe(), derived, salt);
    let scram_salt = known.scram_salt.as_bytes();
    let scram = Credential::derive(Dialect::Crossbar, &known.scram_password, scram_salt, KDF)?;
    let scram = ScramCredential::new(joe(), scram);
    let plain = CraCredential::new(joe(), known.cra_secret.as_str());
    let everything = Principals::new()
        .ticket(joe(), known.ticket.as_str())
        .wampcra(salted.clone())
        .scram(scram.clone())
        .cryptosign(joe(), key);

    Ok(vec![
        Realm::new("ticket").ticket(async |session, ticket| {
            (ticket.is_same(&known.ticket) & claims_to_be_joe(&session)).then(joe)
        }),
        Realm::new("wampcra")
            .wampcra(move |session| ready(claims_to_be_joe(&session).then(|| plain.clone()))),
        Realm::new("salted")
            .wampcra(move |session| ready(claims_to_be_joe(&session).then(|| salted.clone()))),
        Realm::new("scram")
            .scram(move |session| ready(claims_to_be_joe(&session).then(|| scram.clone()))),
        Realm::new("cryptosign").cryptosign(move |session, found| {
            ready((found == key && claims_to_be_joe(&session)).then(joe))
        }),
        Realm::new("two-steps").authenticator(TwoSteps(known)),
        Realm::new("anonymous").anonymous("guest"),
        Realm::new("several")
            .principals(everything)
            .anonymous("guest"),
        Realm::new("transport").transport_authenticator(async |session| recognize(known, &session)),
        Realm::new("broken").ticket(async |_, _| {
            let error = format!("cannot log in with {}", known.database_password);
            Err::<Principal, _>(CallError::internal(error))
        }),
    ])
}

/// Joe by a cookie, a header or a query.
fn recognize(known: &Credentials, session: &Session) -> Option<Principal> {
    let transport = session.transport();
    let bearer = format!("Bearer {}", known.token);
    let is_joe = transport.cookie("login") == Some(&known.cookie)
        || transport.header("authorization") == Some(&bearer)
        || transport.query_value("token").as_deref() == Some(&known.token);
    is_joe.then(joe)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().ok_or("where to listen?")?;
    let words = arguments.collect::<Vec<_>>();
    let has = |word| words.iter().any(|it| it == word);
    let level = if has("trace") {
        LevelFilter::TRACE
    } else {
        LevelFilter::INFO
    };
    tracing_subscriber::fmt().with_max_level(level).init();

    let patience = if has("impatient") { 200 } else { 10_000 };
    let limits = Limits {
        authenticate_timeout: Duration::from_millis(patience),
        // They are wrong more often than anybody is who does it in earnest.
        max_auth_failures: 10_000,
        ..Limits::default()
    };
    let app = App::empty().default_realm(false).limits(limits);
    let realms = realms(credentials())?.into_iter();
    let app = realms.fold(app, |app, realm| {
        app.realm(realm.procedures(procedures![whoami]))
    });
    app.serve(address).await?;
    Ok(())
}
