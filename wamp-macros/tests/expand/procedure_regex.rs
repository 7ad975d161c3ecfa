#[procedure(regex = r"^rooms\.(?P<number>\d+)$")]
async fn room(number: u32) {}
