//! What was said, compared with what should have been.

use wamp_server::test::Direction;

use crate::support::{SECOND, add, panic_in, realm};

#[tokio::test(start_paused = true)]
async fn messages_are_those_since_the_session_was_opened() {
    let client = realm().client().await;
    assert!(client.wire().is_empty());
    add(&client).await.unwrap();
    let wire = client.wire();
    let names = wire.iter().map(|it| (it.direction(), it.name()));
    let expected = [
        (Direction::ToServer, "CALL"),
        (Direction::ToClient, "RESULT"),
    ];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    assert_eq!(wire[0].to_string(), r#"→ [48,1,{},"math.add",[2,3]]"#);
    assert_eq!(
        wire[1].value().unwrap(),
        serde_json::json!([50, 1, {}, [5]])
    );
    assert!(wire[0].is("CALL") && wire[0].is_like("[48,*,...]") && !wire[0].is_like("← [48,...]"));
    client.assert_wire(["→ [48,...]", "← [50,1,{},[*]]"]);
    client.assert_wire([]);
    add(&client).await.unwrap();
    client.clear_wire();
    client.assert_wire([]);
}

#[tokio::test(start_paused = true)]
async fn a_difference_is_shown_with_what_is_the_same_around_it() {
    let client = realm().client().await;
    for _ in 0..2 {
        add(&client).await.unwrap();
    }
    let panic = panic_in(|| {
        client.assert_wire([
            r#"→ [48,1,{},"math.add",[2,3]]"#,
            "← [50,1,{},[6]]",
            r#"→ [48,2,{},"math.add",[2,3]]"#,
            "← [50,2,{},[5]]",
            "← [50,3,{},[5]]",
        ]);
    });
    let expected = r#"the messages are not as expected (- expected, + found):
    → [48,1,{},"math.add",[2,3]]
  - ← [50,1,{},[6]]
  + ← [50,1,{},[5]]
    → [48,2,{},"math.add",[2,3]]
    ← [50,2,{},[5]]
  - ← [50,3,{},[5]]"#;
    assert_eq!(panic, expected);
    add(&client).await.unwrap();
    let panic = panic_in(|| client.assert_wire(["→ [48,...]"]));
    assert!(panic.ends_with("\n  + ← [50,3,{},[5]]"), "{panic}");
}

#[tokio::test(start_paused = true)]
async fn all_of_a_reconnection_is_there() {
    let realm = realm();
    let client = realm.client().await;
    client.faults().disconnect();
    realm.wait_for_sessions(0).await;
    client.wait_for_session().await;
    client.assert_wire([r#"→ [1,"realm1",{...}]"#, "← [2,*,{...}]"]);
    client.expect_no_event(SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn a_pattern_that_is_none_is_told() {
    let client = realm().client().await;
    add(&client).await.unwrap();
    let panic = panic_in(|| client.assert_wire(["→ [48,"]));
    assert!(
        panic.starts_with("`→ [48,` is no pattern of a message: "),
        "{panic}"
    );
}
