//! What `Debug` shows, since it ends up in logs.

use wamp_proto::auth::cra::{Salt, derive_key};
use wamp_proto::auth::cryptosign::SigningKey;
use wamp_proto::auth::scram::{Client, ClientFirst, Credential, Dialect, Kdf, Server};

#[test]
fn debug_shows_no_secret() {
    let key = derive_key(b"secret1", &Salt::new("salt123").unwrap());
    assert_eq!(format!("{key:?}"), "***");
    let key = SigningKey::from_seed([1; 32]);
    assert_eq!(format!("{key:?}"), "SigningKey(***)");

    let kdf = Kdf::Pbkdf2 { iterations: 4096 };
    let credential = Credential::derive(Dialect::Wamp, "pencil", &[1; 16], kdf).unwrap();
    assert_eq!(
        format!("{credential:?}"),
        "Credential { kdf: Pbkdf2 { iterations: 4096 }, .. }"
    );
    let client = Client::new(Dialect::Wamp, "user", &[2; 16], Some([4; 32])).unwrap();
    assert_eq!(format!("{client:?}"), "Client { dialect: Wamp, .. }");
    let hello = ClientFirst {
        authid: "user",
        nonce: client.nonce(),
        channel_binding: client.channel_binding(),
    };
    let (server, challenge) =
        Server::start(Dialect::Wamp, &hello, &[3; 16], &credential, Some(&[4; 32])).unwrap();
    assert_eq!(format!("{server:?}"), "Server { dialect: Wamp, .. }");

    let (answer, proof) = client.answer("pencil", &challenge).unwrap();
    assert_eq!(format!("{proof:?}"), "ServerProof(***)");
    assert_eq!(format!("{:?}", answer.signature), "***");
    assert!(!format!("{answer:?}").contains(&**answer.signature.expose()));
}
