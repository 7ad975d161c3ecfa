//! Methods of the application's own.

use super::*;

/// A ticket, then a code, then another code if the first was wrong.
struct TwoFactors;

impl Authenticator for TwoFactors {
    fn method(&self) -> &str {
        "ticket"
    }

    async fn authenticate(&self, mut exchange: Exchange) -> Result<Option<Principal>, CallError> {
        let ticket = exchange.ticket().await?;
        let known = exchange.authid() == Some("joe") && ticket.is_same("open sesame");
        for _ in 0..2 {
            let extra = ChallengeExtra {
                challenge: Some("code?".into()),
                ..ChallengeExtra::default()
            };
            let answer = exchange.challenge_as("code", extra).await?;
            if known && answer.signature.is_same("123456") {
                return Ok(Some(joe()));
            }
        }
        Ok(None)
    }
}

#[tokio::test(start_paused = true)]
async fn authentication_may_take_several_rounds() {
    let server = build(app().authenticator(TwoFactors));
    for (answers, accepted) in [
        (&["open sesame", "123456"][..], true),
        (&["open sesame", "wrong", "123456"], true),
        (&["open sesame", "wrong", "wrong"], false),
        (&["wrong", "123456", "123456"], false),
    ] {
        let mut client = knock(&server, &hello(&["ticket"])).await;
        for (i, answer) in answers.iter().enumerate() {
            if i == 0 {
                client.hears(json!([4, "ticket", {}])).await;
            } else {
                client
                    .hears(json!([4, "code", {"challenge": "code?"}]))
                    .await;
            }
            client.say(json!([5, answer, {}]).to_string()).await;
        }
        if accepted {
            assert_eq!(client.next().await[2]["authmethod"], "ticket");
        } else {
            is_turned_away(&mut client, "wamp.error.authentication_denied").await;
        }
    }
}

/// Every step has its own time, all of them together have theirs.
#[tokio::test(start_paused = true)]
async fn several_rounds_do_not_take_for_ever() {
    let server = build(app().authenticator(TwoFactors));
    let begin = Instant::now();
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    tokio::time::sleep(Duration::from_secs(8)).await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    client.next().await;
    let left = Limits::default().welcome_timeout - begin.elapsed();
    let abort = json!([3, {"message": ANY}, "wamp.error.authentication_failed"]);
    client.hears_after(left, abort).await;
}

/// Accepts after a while, whether the challenge is answered or not.
struct Impatient;

impl Authenticator for Impatient {
    fn method(&self) -> &str {
        "ticket"
    }

    async fn authenticate(&self, mut exchange: Exchange) -> Result<Option<Principal>, CallError> {
        let answer = tokio::time::timeout(Duration::from_secs(4), exchange.ticket()).await;
        assert!(answer.is_err(), "nobody answers in these tests");
        Ok(Some(joe()))
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_waits_for_any_more_may_still_come_once() {
    #[session]
    async fn slow() {
        tokio::time::sleep(Duration::from_secs(8)).await;
    }
    let server = build(app().authenticator(Impatient).sessions(sessions![slow]));
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.hears(json!([4, "ticket", {}])).await;
    let welcome = json!([2, ANY, ANY]);
    client.hears_after(Duration::from_secs(12), welcome).await;
    client.say(r#"[5,"too late",{}]"#).await;
    client.say(r#"[48,1,{},"me"]"#).await;
    client.hears(json!([50, 1, {}, [7, "joe"]])).await;
    client.say(r#"[5,"far too late",{}]"#).await;
    client.is_told_off_for("AUTHENTICATE").await;
}
