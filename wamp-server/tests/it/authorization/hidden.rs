//! What a session may not use, and shall not know of.

use super::*;

#[tokio::test(start_paused = true)]
async fn what_is_hidden_is_not_there() {
    let hidden = |app: App| build(app.hide_unauthorized(true));
    let asking = app().authorizer(async |session: Session, access: Access| {
        tokio::task::yield_now().await;
        session.auth().role == "admin" || access.uri == "shop.price"
    });
    for server in [hidden(app().permissions(permissions())), hidden(asking)] {
        let mut customer = join(&server, "customer").await;
        let mut request = 0;
        for options in [
            json!({}),
            json!({"progress": true}),
            json!({"disclose_me": true}),
        ] {
            let mut answers = Vec::new();
            for uri in ["admin.stop", "admin.none"] {
                request += 1;
                customer
                    .say(json!([48, request, options, uri]).to_string())
                    .await;
                let mut answer = customer.next().await;
                answer[2] = json!(0);
                answers.push(answer.to_string().replace(uri, "URI"));
            }
            assert_eq!(answers[0], answers[1]);
            assert!(answers[0].contains(NO_SUCH_PROCEDURE), "{answers:?}");
        }
        for (code, options) in [(32, json!({})), (16, json!({"acknowledge": true}))] {
            let mut answers = Vec::new();
            for uri in ["shop.secrets", "shop.alarm", "none.at_all"] {
                customer
                    .say(json!([code, 1, options, uri]).to_string())
                    .await;
                answers.push(customer.next().await.to_string().replace(uri, "URI"));
            }
            answers.dedup();
            assert_eq!(answers.len(), 1, "{answers:?}");
            assert!(answers[0].contains(INVALID_URI), "{answers:?}");
        }
        assert_eq!(call(&mut customer, "shop.price").await, json!(7));
    }
}

#[procedure("shop.hurry", timeout = "1s", roles("admin"))]
async fn hurry() {}

#[procedure("shop.told.to.stop", roles("admin"))]
async fn told_to_stop(token: wamp_server::CancellationToken) {
    token.cancelled().await;
}

/// Neither what the caller wants, nor what the handler is like, makes another answer than that of nothing.
#[tokio::test(start_paused = true)]
async fn nothing_about_a_hidden_procedure_can_be_seen() {
    let slow = async |_: Session, access: Access| {
        tokio::time::sleep(Duration::from_secs(2)).await;
        access.uri == "shop.price"
    };
    let hidden = |app: App| {
        app.procedures(procedures![hurry, told_to_stop])
            .hide_unauthorized(true)
    };
    for app in [
        hidden(app().disclosure(Disclosure::Refused)),
        hidden(app().disclosure(Disclosure::Refused).authorizer(slow)),
    ] {
        let server = build(app);
        let mut client = join(&server, "customer").await;
        for options in [
            json!({"disclose_me": true}),
            json!({}),
            json!({"timeout": 1500}),
            json!({"receive_progress": true}),
        ] {
            for canceled in [false, true] {
                let mut answers = Vec::new();
                for uri in [
                    "shop.none",
                    "shop.orders",
                    "shop.hurry",
                    "shop.told.to.stop",
                ] {
                    let begin = tokio::time::Instant::now();
                    client.say(json!([48, 1, options, uri]).to_string()).await;
                    if canceled {
                        client.say(r#"[49,1,{"mode":"kill"}]"#).await;
                    }
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    let heard = client.rest().await;
                    let text = json!(heard).to_string().replace(uri, "URI");
                    answers.push((text, begin.elapsed().as_secs()));
                }
                answers.dedup();
                assert_eq!(answers.len(), 1, "{options} {canceled}: {answers:?}");
            }
        }
    }
}
