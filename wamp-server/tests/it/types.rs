//! Which values of the wire fit which types: serde's rule, and integral floats for those whose only numbers they are.

use serde::Deserialize;
use wamp_server::App;

use crate::support::{ANY, Client, build, json};

#[tokio::test(start_paused = true)]
async fn integral_floats_are_integers_and_nothing_else_is_converted() {
    let app = App::empty()
        .procedure("int", async |x: i64| x)
        .procedure("flag", async |flag: bool| flag)
        .procedure("float", async |x: f64| x)
        .procedure("list", async |list: Vec<i64>| list.len())
        .procedure("bytes", async |id: u8| id);
    let mut client = Client::join(&build(app)).await;
    for (call, fits) in [
        (r#""int",[1.0]"#, true),
        (r#""int",[-2e3]"#, true),
        (r#""int",[3.7]"#, false),
        (r#""int",[1e300]"#, false),
        (r#""int",["5"]"#, false),
        (r#""int",[null]"#, false),
        (r#""flag",[true]"#, true),
        (r#""flag",[0]"#, false),
        (r#""flag",["false"]"#, false),
        (r#""float",[3]"#, true),
        (r#""float",["3"]"#, false),
        (r#""list",[[1,2]]"#, true),
        (r#""list",[[1,"2"]]"#, false),
        (r#""bytes",[255]"#, true),
        (r#""bytes",[256]"#, false),
        (r#""bytes",[-1]"#, false),
    ] {
        client.say(format!("[48,1,{{}},{call}]")).await;
        let answer = client.next().await;
        assert_eq!(answer[0] == 50, fits, "{call}: {answer}");
        assert!(
            fits || answer[4] == "wamp.error.invalid_argument",
            "{call}: {answer}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_decimal_keeps_its_digits_when_it_is_sent_as_text() {
    #[derive(Debug)]
    struct Cents(i64);
    impl<'de> Deserialize<'de> for Cents {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = <&str>::deserialize(deserializer)?;
            let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
            let number = |it: &str| it.parse::<i64>().map_err(serde::de::Error::custom);
            Ok(Self(number(whole)? * 100 + number(part)?))
        }
    }
    let server = build(App::empty().procedure("cents", async |price: Cents| price.0));
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"cents",["1234.56"]]"#).await;
    client.hears(json!([50, 1, {}, [123_456]])).await;
    client.say(r#"[48,2,{},"cents",["abc"]]"#).await;
    client
        .hears(json!([
            8,
            48,
            2,
            {},
            "wamp.error.invalid_argument",
            [ANY],
            ANY
        ]))
        .await;
}
