//! The README shows the program that it says it shows, and claims the features that the router announces; the lists of features name tests
//! that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

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

#[test]
fn the_lists_of_features_name_tests_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = sources(&root);
    let mut missing = Vec::new();
    let mut found = 0;
    for list in ["docs/seeds.md", "docs/wampy.md"] {
        let text = fs::read_to_string(root.join(list)).expect("a list");
        // Every second part is between backquotes.
        for name in text.split('`').skip(1).step_by(2) {
            let parts = name.split("::").collect::<Vec<_>>();
            let &[.., module, test] = parts.as_slice() else {
                continue;
            };
            let is_name = |it: &str| it.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
            // Others are types, and what is explained at the top.
            if !is_name(module) || !(test == "*" || is_name(test) && test.contains('_')) {
                continue;
            }
            match exists(&sources, module, test) {
                true => found += 1,
                false => missing.push(format!("{list}: {name}")),
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert!(found > 100, "only {found} names were looked at");
}

/// Whether one of the files of a module has that test.
fn exists(sources: &[(PathBuf, String)], module: &str, test: &str) -> bool {
    sources.iter().any(|(path, text)| {
        let is_there = path.components().any(|it| {
            let it = it.as_os_str().to_string_lossy();
            it.strip_suffix(".rs").unwrap_or(&it) == module
        });
        let has = |text: &str| {
            let mut words = text.split(|it: char| !it.is_alphanumeric() && it != '_');
            words.any(|word| word == test)
        };
        is_there && (test == "*" || has(text))
    })
}

/// All files in Rust, with what is in them.
fn sources(root: &Path) -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).expect("a file");
                let path = path.strip_prefix(root).expect("below").to_owned();
                sources.push((path, text));
            }
        }
    }
    sources
}
