//! Who is known, and by what. A real shop looks that up in its database.

use wamp_server::auth::{CraCredential, Principal, Principals, ScramCredential};
use wamp_server::proto::auth::BadParameter;
use wamp_server::proto::auth::cra::{Salt, derive_key};
use wamp_server::proto::auth::cryptosign::PublicKey;
use wamp_server::proto::auth::scram::{Credential, Dialect, Kdf};

/// Ann's public key. The seed of the secret one is 32 bytes of value 11: hers alone, were this not an example.
const ANNS_KEY: &str = "66be7e332c7a453332bd9d0a7f7db055f5c5ef1a06ada66d98b39fb6810c473a";

/// Customers, by a ticket or a password. What is derived here is what is stored when a password is set; the password itself is not.
pub(crate) fn customers() -> Result<Principals, BadParameter> {
    let salt = Salt::with_cost("salt123", 10_000, 32)?;
    let key = derive_key(b"secret1", &salt);
    let kdf = Kdf::Argon2id {
        iterations: 2,
        memory: 8 * 1024, // The least that is allowed, so that the example starts quickly.
    };
    let sarah = |dialect| {
        let credential = Credential::derive(dialect, "pencil", b"16 random bytes.", kdf)?;
        Ok::<_, BadParameter>(ScramCredential::new(customer("sarah"), credential))
    };
    Ok(Principals::new()
        .ticket(customer("joe"), "open sesame")
        .wampcra(CraCredential::salted(customer("peter"), key, salt))
        .scram(sarah(Dialect::Crossbar)?)
        .wamp_scram(sarah(Dialect::Wamp)?))
}

fn customer(name: &'static str) -> Principal {
    Principal::new(name, "customer")
}

/// Whose key it is. The client has proven that it has the other half.
pub(crate) fn admin(key: &PublicKey) -> Option<Principal> {
    (key.to_hex() == ANNS_KEY).then(|| Principal::new("ann", "admin"))
}
