//! Channel binding of `wamp-scram`: who sits between client and router is not let in.

use wamp_proto::auth::scram::{Client, ClientFirst, Dialect, TLS_EXPORTER};
use wamp_proto::auth::{BadParameter, Denied};
use wamp_proto::message::details::AuthenticateExtra;

use crate::scram_setup::{ANSWERS, BOUND, CHANNEL, DEPLOYED, Setup, UNBOUND, denied};

#[test]
fn a_stripped_channel_binding_is_denied() {
    let (_, answer, _) = &ANSWERS[1];
    let hello = ClientFirst {
        channel_binding: None,
        ..BOUND.hello()
    };
    let (server, _) = BOUND.start_with(&hello).unwrap();
    assert!(denied(server, answer));

    let (server, _) = BOUND.start_with(&hello).unwrap();
    let mut stripped = answer.clone();
    stripped.extra.channel_binding = None;
    stripped.extra.cbind_data = None;
    assert!(denied(server, &stripped));
}

#[test]
fn a_changed_channel_binding_is_denied() {
    let bound: [fn(&mut AuthenticateExtra); 6] = [
        |extra| extra.channel_binding = None,
        |extra| extra.channel_binding = Some("tls-unique".into()),
        |extra| extra.cbind_data = None,
        |extra| extra.cbind_data = Some("".into()),
        |extra| extra.cbind_data = Some("AAAA".into()),
        |extra| extra.nonce = None,
    ];
    let unbound: [fn(&mut AuthenticateExtra); 3] = [
        |extra| extra.channel_binding = Some(TLS_EXPORTER.into()),
        |extra| extra.cbind_data = Some("AAAA".into()),
        |extra| extra.nonce = None,
    ];
    for ((setup, answer, _), changes) in ANSWERS.iter().zip([&unbound[..], &bound[..]]) {
        for change in changes {
            let mut changed = answer.clone();
            change(&mut changed.extra);
            let (server, _) = setup.start().unwrap();
            assert!(denied(server, &changed), "{:?}", changed.extra);
        }
    }
}

/// Somebody between the two has one connection to each, so the two see different channels.
#[test]
fn an_answer_of_another_connection_is_denied() {
    let other = Setup {
        dialect: Dialect::Wamp,
        channel: Some([0x5b; 32]),
        credential: BOUND.credential.clone(),
    };
    let (server, challenge) = other.start().unwrap();
    let (mut answer, _) = BOUND.client().answer("pencil", &challenge).unwrap();
    assert!(denied(server, &answer));

    let (theirs, _) = other.client().answer("pencil", &challenge).unwrap();
    answer.extra = theirs.extra;
    assert!(denied(other.start().unwrap().0, &answer));
}

#[test]
fn channel_binding_that_there_is_not_is_denied() {
    for kind in ["tls-unique", "tls-server-end-point", "", "TLS-EXPORTER"] {
        let start = BOUND.start_with(&ClientFirst {
            channel_binding: Some(kind),
            ..BOUND.hello()
        });
        assert_eq!(start.err(), Some(Denied), "{kind}");
    }
    for setup in [&*UNBOUND, &*DEPLOYED] {
        let hello = ClientFirst {
            channel_binding: Some(TLS_EXPORTER),
            ..setup.hello()
        };
        assert_eq!(setup.start_with(&hello).err(), Some(Denied));
    }
}

#[test]
fn the_deployed_dialect_has_no_channel_binding() {
    let over_tls = Setup {
        dialect: Dialect::Crossbar,
        channel: Some(CHANNEL),
        credential: DEPLOYED.credential.clone(),
    };
    assert_eq!(over_tls.start().err(), Some(Denied));
    let client = Client::new(Dialect::Crossbar, "user", &[1; 16], over_tls.channel);
    assert_eq!(client.err(), Some(BadParameter::ChannelBinding));
}
