//! Who somebody is, by what TLS knows of him.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use wamp_server::auth::{Principal, Principals};
use wamp_server::proto::auth::cryptosign::SigningKey;
use wamp_server::{App, ClientCertificates, Session};

use super::tls;
use crate::support::{Authority, Client, Dialer, Pair, Running, app, timeless};

type Connection = Client<TlsStream<TcpStream>>;

/// Asks for certificates of `theirs`.
fn guarded(ours: &Authority, theirs: &Authority) -> App {
    let clients = ClientCertificates::optional(theirs.pem.as_bytes()).expect("an authority");
    let tls = tls(ours).client_certificates(clients).expect("it works");
    app().limits(timeless()).tls(tls)
}

async fn dial(dialer: &Dialer, server: &Running) -> Connection {
    let mut client = dialer.dial(server.address).await.expect("TLS");
    client.upgrade("wamp.2.json").await;
    client
}

async fn hello(client: &mut Connection, details: Value) -> Value {
    let mut details = details;
    details["roles"] = json!({"caller": {}});
    client.send_json(json!([1, "test.realm", details])).await;
    client.message().await
}

/// Who somebody is who shows this certificate, or why it is nobody.
async fn greeted(server: &Running, ours: &Authority, pair: Option<&Pair>) -> Value {
    let dialer = pair.map_or_else(
        || Dialer::trusting(ours),
        |pair| Dialer::showing(ours, pair),
    );
    let mut client = dial(&dialer, server).await;
    let answer = hello(&mut client, json!({})).await;
    if answer[0] != 2 {
        return answer[2].clone();
    }
    client.leave().await;
    json!([
        answer[2]["authid"],
        answer[2]["authrole"],
        answer[2]["authmethod"]
    ])
}

#[tokio::test]
async fn a_certificate_is_a_principal() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let (known, unknown) = (theirs.sign("device-7"), theirs.sign("device-8"));
    let fingerprint = Sha256::digest(known.der()).into();
    let principals = Principals::new().certificate(Principal::new("seven", "device"), fingerprint);
    let server = Running::new(guarded(&ours, &theirs).principals(principals)).await;
    assert_eq!(
        greeted(&server, &ours, Some(&known)).await,
        json!(["seven", "device", "tls"])
    );
    for pair in [Some(&unknown), None] {
        let reason = greeted(&server, &ours, pair).await;
        assert!(reason.is_string(), "{reason}");
    }
    server.rest().await;
}

#[tokio::test]
async fn an_application_knows_certificates_in_its_own_way() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let (known, unknown) = (theirs.sign("device-7"), theirs.sign("device-8"));
    let expected = known.der();
    let app = guarded(&ours, &theirs).transport_authenticator(move |session: Session| {
        let is_known = session.transport().certificate() == Some(expected.as_ref());
        async move { is_known.then(|| Principal::new("seven", "device")) }
    });
    let server = Running::new(app).await;
    assert_eq!(
        greeted(&server, &ours, Some(&known)).await,
        json!(["seven", "device", "transport"])
    );
    for pair in [Some(&unknown), None] {
        let reason = greeted(&server, &ours, pair).await;
        assert!(reason.is_string(), "{reason}");
    }
    server.rest().await;
}

/// Signs the challenge for the connection that has this channel binding.
async fn prove(client: &mut Connection, key: &SigningKey, binding: [u8; 32]) -> Value {
    let details = json!({"authid": "joe", "authmethods": ["cryptosign"], "authextra": {
        "pubkey": key.public_key().to_hex(),
        "channel_binding": "tls-exporter",
    }});
    let challenge = hello(client, details).await;
    assert_eq!(challenge[0], 4, "{challenge}");
    let text = challenge[2]["challenge"].as_str().expect("a text");
    let bytes = (0..text.len()).step_by(2);
    let bytes = bytes.map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"));
    let bytes: [u8; 32] = bytes.collect::<Vec<_>>().try_into().expect("32 bytes");
    let signature = key.sign(&bytes, Some(&binding));
    client.send_json(json!([5, signature, {}])).await;
    client.message().await
}

#[tokio::test]
async fn a_proof_holds_for_the_connection_that_it_was_made_for() {
    let authority = Authority::new("authority");
    let key = SigningKey::from_seed([1; 32]);
    let known = key.public_key();
    let app = app()
        .limits(timeless())
        .tls(tls(&authority))
        .cryptosign(move |_, key| {
            let is_known = key == known;
            async move { is_known.then(|| Principal::new("joe", "user")) }
        });
    let server = Running::new(app).await;
    let dialer = Dialer::trusting(&authority);

    let mut client = dial(&dialer, &server).await;
    let own = client.channel_binding();
    let welcome = prove(&mut client, &key, own).await;
    assert_eq!(welcome[0], 2, "{welcome}");
    assert_eq!(welcome[2]["authid"], "joe");

    // Whoever stands in between has two connections.
    let mut other = dial(&dialer, &server).await;
    let abort = prove(&mut other, &key, own).await;
    assert_eq!(abort[0], 3, "{abort}");
    assert_eq!(abort[2], "wamp.error.authentication_denied");
    client.leave().await;
    drop(other);
    server.rest().await;
}
