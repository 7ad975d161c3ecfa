//! The README shows the program that it says it shows.

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
