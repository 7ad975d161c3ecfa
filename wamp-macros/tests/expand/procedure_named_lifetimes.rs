#[procedure("text.longest")]
fn longest<'a, 'b: 'a>(first: &'a str, second: Option<&'b str>, other: &'static Other) -> &'a str {
    second.unwrap_or(first)
}
