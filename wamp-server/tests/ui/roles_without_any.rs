use wamp_server::procedure;

#[procedure("a.b", roles())]
async fn nobody() {}

#[procedure("a.c", roles = "admin")]
async fn not_a_list() {}

#[procedure("a.d", roles(admin))]
async fn not_a_text() {}

#[procedure("a.e", roles("admin", "admin"))]
async fn twice() {}

fn main() {}
