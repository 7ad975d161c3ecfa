//! `[[realm.principal]]`: somebody who is known, and what they come in by.

use std::collections::HashSet;
use std::path::Path;
use std::sync::OnceLock;

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use wamp_proto::auth::cra::{self, Salt};
use wamp_proto::auth::cryptosign::PublicKey;
use wamp_proto::auth::scram::{Credential, Dialect, Kdf};
use wamp_proto::message::Secret;
use wamp_server::auth::{self, CraCredential, Principals, ScramCredential};

use super::mistakes::Notes;
use super::reading::{At, Section, Value};
use super::realm::word;
use super::secret::secret;

/// Somebody who is known.
#[derive(Clone)]
pub(crate) struct Principal {
    pub(crate) authid: At<String>,
    pub(crate) role: At<String>,
    provider: Option<String>,
    ticket: Option<Secret>,
    wampcra: Option<(Secret, Option<Salt>)>,
    scram: Option<Scram>,
    wamp_scram: Option<Scram>,
    keys: Vec<At<PublicKey>>,
    certificates: Vec<At<[u8; 32]>>,
}

/// What is known of a password.
#[derive(Clone)]
enum Scram {
    Stored(Credential),
    /// The password itself, and the credential that is made from it, once: that takes time.
    Password(Secret, OnceLock<Credential>),
}

impl Principal {
    pub(super) fn read(section: &mut Section<'_>, folder: &Path) -> Option<Self> {
        let authid = section.need("authid", |value| match value.text()? {
            text if text.is_empty() => value.refuse("expected a name"),
            text => Some(text),
        });
        let role = section.need("role", Value::text);
        let provider = section.text("provider").map(|it| it.value);
        let ticket = section.get("ticket", |it| secret(it, folder));
        let wampcra = section.get("wampcra", |it| wampcra(it, folder));
        let scram = section.get("scram", |it| scram(it, folder));
        let wamp_scram = section.get("wamp_scram", |it| self::scram(it, folder));
        let keys = section.list("cryptosign", |value| {
            value.parsed(|hex| {
                let key = PublicKey::from_hex(hex);
                key.map_err(|_| "expected a public key of 64 hexadecimal digits".to_owned())
            })
        });
        let certificates = section.list("certificates", |value| value.parsed(fingerprint));
        let ways = [
            "ticket",
            "wampcra",
            "scram",
            "wamp_scram",
            "cryptosign",
            "certificates",
        ];
        if ways.iter().all(|it| section.place(it).is_none()) {
            let mistake = format!("nothing to come in by: give one of `{}`", ways.join("`, `"));
            section.notes.add(section.at, mistake);
        }
        Some(Self {
            authid: authid?,
            role: role?,
            provider,
            ticket: ticket.map(|it| it.value),
            wampcra: wampcra.map(|it| it.value),
            scram: scram.map(|it| it.value),
            wamp_scram: wamp_scram.map(|it| it.value),
            keys: keys.unwrap_or_default(),
            certificates: certificates.unwrap_or_default(),
        })
    }

    /// Where the certificates stand that it comes in by.
    pub(super) fn certificates(&self) -> Option<usize> {
        self.certificates.first().map(|it| it.at)
    }

    /// Adds it to others. `salt` is what passwords are salted with: whatever is always the same for the same text, and another for others.
    ///
    /// # Errors
    ///
    /// When a password is not allowed.
    pub(crate) fn add_to(
        &self,
        mut principals: Principals,
        salt: impl Fn(&str) -> Vec<u8>,
    ) -> Result<Principals, String> {
        let principal = || {
            let it = auth::Principal::new(&*self.authid.value, &*self.role.value);
            match &self.provider {
                Some(provider) => it.provider(&**provider),
                None => it,
            }
        };
        if let Some(ticket) = &self.ticket {
            principals = principals.ticket(principal(), ticket.expose().clone());
        }
        if let Some((key, salt)) = &self.wampcra {
            principals = principals.wampcra(match salt {
                None => CraCredential::new(principal(), key.expose().clone()),
                Some(salt) => CraCredential::salted(principal(), key.clone(), salt.clone()),
            });
        }
        let credential = |scram: &Scram, dialect: Dialect| match scram {
            Scram::Stored(credential) => Ok::<_, String>(credential.clone()),
            Scram::Password(password, derived) => {
                if let Some(derived) = derived.get() {
                    return Ok(derived.clone());
                }
                let salt = salt(&format!("{}.{}", dialect.method(), self.authid.value));
                let credential = Credential::derive(dialect, password.expose(), &salt, COST);
                let credential = credential.map_err(|error| error.to_string())?;
                Ok(derived.get_or_init(|| credential).clone())
            }
        };
        if let Some(scram) = &self.scram {
            let credential = credential(scram, Dialect::Crossbar)?;
            principals = principals.scram(ScramCredential::new(principal(), credential));
        }
        if let Some(scram) = &self.wamp_scram {
            let credential = credential(scram, Dialect::Wamp)?;
            principals = principals.wamp_scram(ScramCredential::new(principal(), credential));
        }
        for key in &self.keys {
            principals = principals.cryptosign(principal(), key.value);
        }
        for certificate in &self.certificates {
            principals = principals.certificate(principal(), certificate.value);
        }
        Ok(principals)
    }
}

/// What it costs to log in by a password that is given as it is: little more than a quarter of a second for slow clients.
const COST: Kdf = Kdf::Pbkdf2 {
    iterations: 100_000,
};

/// Random bytes that come again for the same text.
pub(crate) fn salt(secret: &Secret, realm: &str, text: &str) -> Vec<u8> {
    let mac = cra::sign(secret.expose().as_bytes(), &format!("salt.{realm}.{text}"));
    let mut salt = BASE64.decode(mac.as_bytes()).unwrap_or_default();
    salt.truncate(16);
    salt
}

/// A secret that is the key itself, or a key that was derived from a password with a salt.
fn wampcra(value: Value<'_>, folder: &Path) -> Option<(Secret, Option<Salt>)> {
    if !value.has("salt") && !value.has("key") {
        return Some((secret(value, folder)?, None));
    }
    value.section(|section| {
        let key = section.need("key", |it| secret(it, folder));
        let salt = section.need("salt", Value::text);
        let iterations = section.get("iterations", Value::number);
        let iterations = iterations.map_or(Salt::DEFAULT_ITERATIONS, |it| it.value);
        let keylen = section.get("keylen", Value::number);
        let keylen = keylen.map_or(Salt::DEFAULT_KEYLEN, |it| it.value);
        let salt = salt?;
        match Salt::with_cost(salt.value, iterations, keylen) {
            Ok(salt) => Some((key?.value, Some(salt))),
            Err(error) => {
                section.notes.add(section.at, error.to_string());
                None
            }
        }
    })?
}

/// What was derived from a password, or the password.
fn scram(value: Value<'_>, folder: &Path) -> Option<Scram> {
    if value.has("stored_key") || value.has("server_key") || value.has("salt") {
        return value.section(stored)?.map(Scram::Stored);
    }
    let given = if value.has("password") {
        let password =
            |section: &mut Section<'_>| section.need("password", |it| secret(it, folder));
        value.section(password)??.value
    } else {
        secret(value, folder)?
    };
    Some(Scram::Password(given, OnceLock::new()))
}

fn stored(section: &mut Section<'_>) -> Option<Credential> {
    let salt = section.need("salt", Value::text);
    let stored_key = section.need("stored_key", Value::text);
    let server_key = section.need("server_key", Value::text);
    let is_argon = word(section, "kdf", &[("argon2id", true), ("pbkdf2", false)]);
    let iterations = section.need("iterations", Value::number);
    let memory = match is_argon {
        Some(true) => section.need("memory", Value::number),
        _ => section.get("memory", Value::number),
    };
    if section.place("kdf").is_none() {
        section.notes.add(section.at, "`kdf` is missing");
    }
    let iterations = iterations?.value;
    let kdf = if is_argon? {
        let memory = memory?.value;
        Kdf::Argon2id { iterations, memory }
    } else {
        if let Some(memory) = memory {
            section.notes.add(memory.at, "`memory` is for \"argon2id\"");
        }
        Kdf::Pbkdf2 { iterations }
    };
    match Credential::from_hex(&salt?, kdf, &stored_key?, &server_key?) {
        Ok(credential) => Some(credential),
        Err(error) => {
            section.notes.add(section.at, error.to_string());
            None
        }
    }
}

/// SHA-256 of a certificate in DER, in hexadecimal digits, as `openssl x509 -fingerprint -sha256` writes it, too.
fn fingerprint(text: &str) -> Result<[u8; 32], String> {
    let digits = text.replace(':', "");
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok();
    let bytes = bytes.and_then(|it| it.try_into().ok());
    bytes.ok_or_else(|| "expected the SHA-256 of a certificate, 64 hexadecimal digits".to_owned())
}

/// Finds what is there twice.
pub(super) fn check(principals: &[Principal], notes: &Notes) {
    let mut names = HashSet::new();
    let mut keys = HashSet::new();
    let mut certificates = HashSet::new();
    for principal in principals {
        let authid = &principal.authid;
        if !names.insert(&authid.value) {
            let mistake = format!(
                "`{}` is there twice: give one entry all ways in",
                authid.value
            );
            notes.add(authid.at, mistake);
        }
        for key in &principal.keys {
            if !keys.insert(key.value.as_bytes()) {
                notes.add(key.at, "the key is there twice");
            }
        }
        for certificate in &principal.certificates {
            if !certificates.insert(certificate.value) {
                notes.add(certificate.at, "the certificate is there twice");
            }
        }
    }
}
