//! Certificates that are renewed while connections go on.

use std::error::Error as _;
use std::fs;
use std::path::PathBuf;

use serde_json::json;
use tokio::io::AsyncReadExt as _;
use wamp_server::transport::tls::{ClientCertificates, PemSource, TlsError};
use wamp_server::{CancellationToken, Tls};

use super::{mirror, tls};
use crate::support::{Authority, Dialer, Pair, Running};

/// Files that a server reads its certificate and key from.
struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn new(pair: &Pair) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let files = Self { directory };
        files.write("certificate.pem", &pair.certificate);
        files.write("key.pem", &pair.key);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("it can be written");
    }

    fn tls(&self) -> Tls {
        Tls::from_files(self.path("certificate.pem"), self.path("key.pem")).expect("a certificate")
    }
}

#[tokio::test]
async fn new_connections_get_the_new_certificate_and_old_ones_go_on() {
    let authority = Authority::new("authority");
    let (old, new) = (authority.sign("localhost"), authority.sign("localhost"));
    let files = Files::new(&old);
    let tls = files.tls();
    let server = Running::new(mirror(tls.clone())).await;
    let dialer = Dialer::trusting(&authority);
    let mut before = dialer.joined(server.address).await;
    assert_eq!(before.server_certificate(), old.der());

    files.write("certificate.pem", &new.certificate);
    files.write("key.pem", &new.key);
    // Nobody looks at the files until that is asked for.
    let unaware = Dialer::trusting(&authority).joined(server.address).await;
    assert_eq!(unaware.server_certificate(), old.der());
    tls.reload().expect("the files are right");

    let after = dialer.joined(server.address).await;
    assert!(!after.is_resumed());
    assert_eq!(after.server_certificate(), new.der());
    let answer = before.call("test.add", json!([1, 2])).await;
    assert_eq!(answer[3][0], 3);
    before.leave().await;
    unaware.leave().await;
    after.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn when_the_new_files_are_broken_the_old_certificate_stays() {
    let authority = Authority::new("authority");
    let (old, other) = (authority.sign("localhost"), authority.sign("localhost"));
    let files = Files::new(&old);
    let tls = files.tls();
    let server = Running::new(mirror(tls.clone())).await;
    let dialer = Dialer::trusting(&authority);

    for (file, text) in [
        ("certificate.pem", ""),
        ("certificate.pem", "nonsense"),
        (
            "certificate.pem",
            &old.certificate[..old.certificate.len() / 2],
        ),
        ("certificate.pem", old.key.as_str()),
        ("certificate.pem", other.certificate.as_str()),
        ("key.pem", ""),
        ("key.pem", &old.key[..old.key.len() / 2]),
        ("key.pem", old.certificate.as_str()),
        (
            "key.pem",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ),
    ] {
        files.write("certificate.pem", &old.certificate);
        files.write("key.pem", &old.key);
        files.write(file, text);
        let error = tls.reload().expect_err("a broken file");
        let message = error.to_string();
        assert!(message.contains(file), "{file} {text:?}: {message}");
        match error {
            TlsError::Certificate { .. } => assert_eq!(file, "certificate.pem"),
            TlsError::Key { .. } => assert_eq!(file, "key.pem"),
            TlsError::Mismatch { .. } => assert_eq!(text, other.certificate),
            other => panic!("{other}"),
        }
        let client = dialer.joined(server.address).await;
        assert_eq!(client.server_certificate(), old.der());
        client.leave().await;
    }
    server.rest().await;
}

/// Every handshake meets one certificate or the other, with its own key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handshakes_go_on_while_certificates_change() {
    let authority = Authority::new("authority");
    let pairs = [authority.sign("localhost"), authority.sign("localhost")];
    let files = Files::new(&pairs[0]);
    let tls = files.tls();
    let server = Running::new(mirror(tls.clone())).await;
    let done = CancellationToken::new();
    let reloading = tokio::task::spawn_blocking({
        let (pairs, done) = (pairs.clone(), done.clone());
        move || {
            let mut next = pairs.iter().cycle().skip(1);
            let mut reloads = 0;
            while !done.is_cancelled() {
                let pair = next.next().expect("it never ends");
                files.write("certificate.pem", &pair.certificate);
                // One of the files is new, and the other is not.
                let error = tls.reload().expect_err("two halves");
                assert!(matches!(error, TlsError::Mismatch { .. }), "{error}");
                files.write("key.pem", &pair.key);
                tls.reload().expect("the files are right");
                reloads += 1;
            }
            reloads
        }
    });
    let mut seen = [0; 2];
    while seen.contains(&0) || seen.iter().sum::<i32>() < 50 {
        let client = Dialer::trusting(&authority).joined(server.address).await;
        let shown = client.server_certificate();
        let which = pairs.iter().position(|pair| pair.der() == shown);
        seen[which.expect("one of the two")] += 1;
        client.leave().await;
    }
    done.cancel();
    assert!(reloading.await.expect("no panic") > 1);
    assert_eq!(server.stats().failed_tls_handshakes, 0);
    server.rest().await;
}

#[test]
fn a_file_that_is_missing_is_named() {
    let authority = Authority::new("authority");
    let files = Files::new(&authority.sign("localhost"));
    let tls = files.tls();
    let missing = files.path("key.pem");
    fs::remove_file(&missing).expect("it is there");
    let error = tls.reload().expect_err("no key");
    assert!(error.source().is_some());
    assert!(matches!(error, TlsError::Read { path, .. } if path == missing));
    let error = Tls::from_files(files.path("certificate.pem"), &missing).expect_err("no key");
    assert!(matches!(error, TlsError::Read { path, .. } if path == missing));
}

#[tokio::test]
async fn what_is_in_memory_is_replaced() {
    let authority = Authority::new("authority");
    let tls = tls(&authority);
    let server = Running::new(mirror(tls.clone())).await;
    let dialer = Dialer::trusting(&authority);
    let new = authority.sign("localhost");
    tls.replace_pem(new.certificate.as_bytes(), new.key.as_bytes())
        .expect("they belong together");
    let other = authority.sign("localhost");
    let error = tls.replace_pem(new.certificate.as_bytes(), other.key.as_bytes());
    let error = error.expect_err("they do not belong together");
    assert!(
        matches!(&error, TlsError::Mismatch { key, .. } if *key == PemSource::Memory),
        "{error}"
    );
    // There is nothing to read, so nothing changes.
    tls.reload().expect("nothing to do");
    let client = dialer.joined(server.address).await;
    assert_eq!(client.server_certificate(), new.der());
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn the_authorities_of_clients_are_read_again_too() {
    let ours = Authority::new("ours");
    let (first, second) = (Authority::new("first"), Authority::new("second"));
    let files = Files::new(&ours.sign("localhost"));
    files.write("clients.pem", &first.pem);
    for required in [true, false] {
        let clients = if required {
            ClientCertificates::required_from_file(files.path("clients.pem"))
        } else {
            ClientCertificates::optional_from_file(files.path("clients.pem"))
        };
        let tls = files.tls();
        let tls = tls.client_certificates(clients.expect("an authority"));
        let tls = tls.expect("it works");
        let server = Running::new(mirror(tls.clone())).await;
        let old = Dialer::showing(&ours, &first.sign("old"));
        let new = Dialer::showing(&ours, &second.sign("new"));
        old.joined(server.address).await.leave().await;

        files.write("clients.pem", "nonsense");
        let error = tls.reload().expect_err("no authority");
        assert!(error.to_string().contains("clients.pem"), "{error}");
        old.joined(server.address).await.leave().await;

        files.write("clients.pem", &second.pem);
        tls.reload().expect("the file is right");
        new.joined(server.address).await.leave().await;
        let refused = match old.dial(server.address).await {
            Err(_) => true,
            Ok(mut client) => client.stream.read_u8().await.is_err(),
        };
        assert!(refused);
        files.write("clients.pem", &first.pem);
        server.rest().await;
    }
}

#[test]
fn debug_output_shows_no_key() {
    let pair = Authority::new("authority").sign("localhost");
    let tls = Tls::from_pem(pair.certificate.as_bytes(), pair.key.as_bytes());
    let text = format!("{:?}", tls.expect("a certificate"));
    assert_eq!(text.matches("Memory").count(), 2);
    assert!(text.len() < 200, "{text}");
}
