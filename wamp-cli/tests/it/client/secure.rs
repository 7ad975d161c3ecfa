//! Connections over TLS.

use super::support::{client_at, done};
use crate::support::Folder;
use crate::tls::Authority;

#[tokio::test]
async fn authorities_are_named_and_certificates_shown() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let (pair, known) = (ours.sign("localhost"), theirs.sign("joe"));
    let fingerprint = known.fingerprint();
    let folder = Folder::new(&format!(
        "[[listener]]\naddress = \"127.0.0.1:0\"\n\
         tls = {{ cert = \"cert.pem\", key = \"key.pem\", client_ca = \"clients.pem\", client_certificates = \"optional\" }}\n\
         [[realm]]\nname = \"realm1\"\n[[realm.principal]]\nauthid = \"joe\"\nrole = \"staff\"\ncertificates = [\"{fingerprint}\"]\n\
         [[realm.role]]\nname = \"staff\"\npermission = [{{ uri = \"wamp.\", match = \"prefix\", allow = [\"call\"] }}]\n"
    ));
    for (name, text) in [
        ("cert.pem", &pair.certificate),
        ("key.pem", &pair.key),
        ("clients.pem", &theirs.pem),
        ("ours.pem", &ours.pem),
        ("joe.pem", &(known.certificate.clone() + &known.key)),
    ] {
        folder.write(name, text);
    }
    let router = folder.start().await;
    let url = format!("wss://localhost:{}", router.address().port());
    let [ca, joe] = ["ours.pem", "joe.pem"].map(|it| folder.text_of(it));

    let sessions = ["sessions", "--ca-file", &ca, "--cert", &joe];
    let who = done(client_at(&url, &sessions)).await;
    assert_eq!(who.code, Some(0), "{}", who.err);
    assert!(who.out.contains(r#""authid":"joe""#), "{}", who.out);

    let mut command = client_at(&url, &["sessions"]);
    command.env("WAMP_CA_FILE", &ca).env("WAMP_CERT", &joe);
    assert_eq!(done(command).await.code, Some(0));

    let nobody = done(client_at(&url, &["sessions", "--ca-file", &ca])).await;
    assert_eq!(nobody.code, Some(6), "{}", nobody.err);
    let clients = folder.text_of("clients.pem");
    let stranger = done(client_at(&url, &["sessions", "--ca-file", &clients])).await;
    assert_eq!(stranger.code, Some(5), "{}", stranger.err);
    assert!(
        stranger.err.contains("`--ca-file` names"),
        "{}",
        stranger.err
    );
}
