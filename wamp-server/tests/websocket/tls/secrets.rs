//! What is wrong with a private key is told without showing it.

use std::error::Error;
use std::fs;

use wamp_server::Tls;
use wamp_server::transport::tls::{ClientCertificates, TlsError};

use crate::support::Authority;

/// Everything that a log may show of an error.
fn shown(error: &TlsError) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut next: Option<&dyn Error> = error.source();
    while let Some(error) = next {
        text += &format!("{error}\n{error:?}\n");
        next = error.source();
    }
    text
}

/// Ways in which a key gets broken between a vault and a server.
fn broken(key: &str) -> Vec<String> {
    let body = key.lines().nth(1).expect("base64");
    vec![
        key.replace('\n', "\\n"),
        key.replace('\n', " "),
        key.replace('\n', ""),
        key[..key.len() / 2].to_owned(),
        key.replace("-----END PRIVATE KEY-----", ""),
        key.replace("-----END PRIVATE KEY-----", "-----END PRIVATE KEY"),
        key.replacen("-----\n", "----\n", 1),
        key.replacen("-----\n", "-----", 1),
        key.replace(body, &format!("{body}!")),
        key.replace(body, &format!("-----BEGIN {body}")),
        key.replace("PRIVATE", "SECRET"),
        body.to_owned(),
    ]
}

/// As numbers, too, which is how bytes are shown.
fn assert_hidden(text: &str, key: &str) {
    let body = key.lines().nth(1).expect("base64");
    for part in body.as_bytes().chunks_exact(8) {
        let numbers = part.iter().map(u8::to_string).collect::<Vec<_>>();
        let part = String::from_utf8_lossy(part);
        assert!(!text.contains(&*part), "{text}");
        assert!(!text.contains(&numbers.join(", ")), "{text}");
        assert!(!text.contains(&numbers.join(",\n")), "{text}");
    }
}

#[test]
fn no_error_shows_a_key() {
    let pair = Authority::new("authority").sign("localhost");
    let good = pair.certificate.as_bytes();
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("key.pem");
    for broken in broken(&pair.key) {
        fs::write(&file, &broken).expect("it can be written");
        let key = broken.as_bytes();
        let errors = [
            Tls::from_pem(good, key).map(drop),
            // In the wrong place.
            Tls::from_pem(key, pair.key.as_bytes()).map(drop),
            ClientCertificates::required(key).map(drop),
            ClientCertificates::optional_from_file(&file).map(drop),
            Tls::from_files(&file, &file).map(drop),
        ];
        for error in errors {
            let error = error.expect_err("no key");
            assert_hidden(&shown(&error), &pair.key);
        }
    }
}

#[test]
fn no_reason_is_told_twice() {
    let missing = Tls::from_files("missing.pem", "missing.pem").expect_err("no file");
    let reason = missing.source().expect("a reason").to_string();
    assert!(!missing.to_string().contains(&reason), "{missing}");
}
