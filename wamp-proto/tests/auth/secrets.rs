//! What `Debug` shows, since it ends up in logs.

use wamp_proto::auth::cra::{Salt, derive_key};
use wamp_proto::auth::cryptosign::SigningKey;

#[test]
fn debug_shows_no_secret() {
    let key = derive_key(b"secret1", &Salt::new("salt123").unwrap());
    assert_eq!(format!("{key:?}"), "***");
    let key = SigningKey::from_seed([1; 32]);
    assert_eq!(format!("{key:?}"), "SigningKey(***)");
}
