//! The README shows the program that it says it shows, and claims the features that the router announces.

use std::collections::BTreeSet;

use wamp_server::history::{Match, MemoryStore};
use wamp_server::proto::codec::Format;
use wamp_server::proto::message::{Feature, Features, Message};
use wamp_server::transport::memory;
use wamp_server::{App, RouterOptions};

const README: &str = include_str!("../README.md");
const QUICKSTART: &str = include_str!("../examples/quickstart.rs");

#[test]
fn its_program_is_the_example_quickstart() {
    let block = format!("```rust,no_run\n{QUICKSTART}```\n");
    assert!(
        README.contains(&block),
        "README.md must contain examples/quickstart.rs as it is"
    );
}

#[tokio::test]
async fn its_table_of_features_is_what_the_router_announces() {
    let options = RouterOptions::new().history(MemoryStore::default(), [("", Match::Prefix)]);
    let server = App::empty().router(options).build().expect("no mistakes");
    let (near, mut far) = memory::pair();
    let connection = tokio::spawn(server.attach(near));
    far.send(r#"[1,"realm1",{"roles":{"caller":{}}}]"#)
        .await
        .expect("it reads");
    let frame = far.receive().await.expect("WELCOME");
    let Ok(Message::Welcome(welcome)) = Message::decode(Format::Json, &frame) else {
        panic!("WELCOME, not {frame:?}");
    };
    let roles = [&welcome.details.roles.broker, &welcome.details.roles.dealer];
    let announced = roles.into_iter().flatten().flat_map(Features::iter);
    let announced = announced.map(Feature::name).collect::<BTreeSet<_>>();

    let rows = README.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let feature = cells.next()?.strip_suffix('`')?;
        Feature::from_name(feature)?;
        cells.next()?.starts_with("yes").then_some(feature)
    });
    assert_eq!(rows.collect::<BTreeSet<_>>(), announced);
    assert_eq!(
        announced.len(),
        Feature::ALL.len(),
        "all of WAMP's features"
    );
    drop(far);
    connection.await.expect("no panic");
}
