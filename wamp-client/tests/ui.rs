//! What users read when they get it wrong: `tests/ui/*.rs`, each named for its mistake.
//!
//! After a change that is meant, `TRYBUILD=overwrite cargo test -p wamp-client --test ui` rewrites the messages; read the difference
//! before committing it.

#[test]
fn ui() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
