use wamp_server::CallError;

#[derive(CallError)]
union Bits {
    int: u32,
    float: f32,
}

fn main() {}
