//! What the one user of the server `gatekeeper` comes in by: foreign clients read the same file.

use std::sync::OnceLock;

use serde::Deserialize;

/// The entries of `foreign/credentials.json`.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "their names are the method and what it wants")]
#[expect(clippy::exhaustive_structs, reason = "tests take it apart")]
pub struct Credentials {
    pub authid: String,
    pub ticket: String,
    pub cra_secret: String,
    pub cra_password: String,
    pub cra_salt: String,
    pub scram_password: String,
    pub scram_salt: String,
    pub cryptosign_seed: String,
    pub code: String,
    pub cookie: String,
    pub token: String,
    pub database_password: String,
}

/// What is in the file.
pub fn credentials() -> &'static Credentials {
    static CREDENTIALS: OnceLock<Credentials> = OnceLock::new();
    CREDENTIALS.get_or_init(|| {
        let file = include_str!("../foreign/credentials.json");
        serde_json::from_str(file).expect("the file has these entries")
    })
}
