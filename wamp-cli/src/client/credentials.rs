//! Who the command is to the router.

use std::fs;

use wamp_client::Credentials;
use wamp_client::proto::message::Secret;

use super::failure::ClientFailure;
use super::options::{Connection, MethodWord};
use super::profile::Profile;
use super::settings::{parsed, text, variable};

/// What secrets are called in the environment, in the order in which they are kept below.
const VARIABLES: [&str; 4] = [
    "WAMP_PRIVATE_KEY",
    "WAMP_SECRET",
    "WAMP_TICKET",
    "WAMPYSECRET",
];

/// Puts them together.
///
/// Secrets are of one source: the first of command line, environment and profile that has some. Or somebody who asks for SCRAM would show a
/// ticket to a router that prefers it.
///
/// # Errors
///
/// When something makes no sense.
pub(super) fn credentials(
    given: &Connection,
    profile: &Profile,
    shows_certificate: bool,
) -> Result<Credentials, ClientFailure> {
    let of = |secrets: [&Option<Secret>; 3]| {
        let [key, secret, ticket] = secrets.map(|it| it.as_ref().map(|it| it.expose().to_string()));
        [key, secret, ticket, None]
    };
    let mut secrets = of([&given.private_key, &given.secret, &given.ticket]);
    if secrets.iter().all(Option::is_none) {
        for (secret, name) in secrets.iter_mut().zip(VARIABLES) {
            *secret = variable(name)?;
        }
    }
    if secrets.iter().all(Option::is_none) {
        secrets = of([&profile.private_key, &profile.secret, &profile.ticket]);
    }
    if let [Some(key), ..] = &mut secrets {
        *key = private_key(key)?;
    }
    let authid = text(
        given.authid.as_ref(),
        "WAMP_AUTHID",
        profile.authid.as_ref(),
    )?;
    let method = parsed(given.authmethod, "WAMP_AUTHMETHOD", MethodWord::parse)?;
    if let Some(method) = method.or(profile.authmethod) {
        let credentials = only(method, secrets)?;
        return Ok(match authid {
            Some(authid) => credentials.authid(authid),
            None => credentials,
        });
    }
    let credentials = Credentials::from_variables(|name| {
        if name == "WAMP_AUTHID" {
            return Ok(authid.clone());
        }
        let mut all = VARIABLES.iter().zip(&secrets);
        Ok(all.find_map(|(known, secret)| secret.clone().filter(|_| *known == name)))
    })?;
    Ok(match shows_certificate {
        true => credentials.tls(),
        false => credentials,
    })
}

/// One method, and what it needs.
fn only(method: MethodWord, secrets: [Option<String>; 4]) -> Result<Credentials, ClientFailure> {
    let [key, secret, ticket, either] = secrets;
    let need = |secret: Option<String>, option: &str| {
        secret.ok_or_else(|| {
            ClientFailure::Usage(format!("the method of authentication needs `{option}`"))
        })
    };
    let credentials = Credentials::new();
    Ok(match method {
        MethodWord::Ticket => credentials.ticket(need(ticket.or(either), "--ticket")?),
        MethodWord::Wampcra => credentials.cra(need(secret.or(either), "--secret")?),
        MethodWord::Scram => credentials.scram(need(secret, "--secret")?),
        MethodWord::Cryptosign => credentials.cryptosign_hex(&need(key, "--private-key")?)?,
        MethodWord::Tls => credentials.tls(),
        MethodWord::Anonymous => credentials.anonymous(),
    })
}

/// The digits themselves, or a file that has them. What was given is not repeated in errors: it may be a key with a digit too few.
fn private_key(given: &str) -> Result<String, ClientFailure> {
    if given.len() == 64 && given.bytes().all(|it| it.is_ascii_hexdigit()) {
        return Ok(given.to_owned());
    }
    let key = fs::read_to_string(given).map_err(|error| {
        ClientFailure::Usage(format!(
            "the private key is neither 64 hexadecimal digits nor a file that can be read: {error}"
        ))
    })?;
    match Credentials::new().cryptosign_hex(&key) {
        Ok(_) => Ok(key),
        Err(error) => Err(ClientFailure::Usage(format!(
            "the file of the private key: {error}"
        ))),
    }
}
