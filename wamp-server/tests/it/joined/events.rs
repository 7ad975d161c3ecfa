//! Events, and what else functions do at the router.

use wamp_server::client::Match;
use wamp_server::session::Delivery;
use wamp_server::{
    App, Call, CallError, RouterOptions, Session, State, procedure, procedures, subscriber,
    subscribers,
};

use super::support::{join, peer, router, telling_router};
use crate::support::{Client, Log, build, json, settle};

#[subscriber("news.{section}")]
async fn note(section: &str, text: String, call: &Call, log: State<'_, Log>) {
    let disclosed = call.session().auth().role.to_string();
    log.note(format!("{section}: {text} ({disclosed})"));
}

#[subscriber("news.sport")]
async fn note_sport(text: String, log: State<'_, Log>) {
    log.note(format!("only sport: {text}"));
}

#[subscriber(regex = r"^log\.(a|b)$")]
async fn note_log(call: &Call, log: State<'_, Log>) {
    log.note(call.uri());
}

#[subscriber("bad")]
async fn bad() {
    panic!("on purpose");
}

fn app(log: &Log) -> App {
    App::empty()
        .state(log.clone())
        .subscribers(subscribers![note, note_sport, note_log, bad])
}

#[tokio::test(start_paused = true)]
async fn subscribers_handle_what_peers_publish() {
    let (router, log) = (router(), Log::default());
    let joined = join(&router, app(&log)).await;
    let client = peer(&router).await;
    client
        .publish("news.world")
        .arg("peace")
        .await
        .expect("sent");
    settle().await;
    assert_eq!(log.take(), ["world: peace (anonymous)"]);
    // Each function handles it once, whatever else has a subscription that matches.
    client.publish("news.sport").arg("3:2").await.expect("sent");
    settle().await;
    let mut noted = log.take();
    noted.sort();
    assert_eq!(noted, ["only sport: 3:2", "sport: 3:2 (anonymous)"]);
    for topic in ["log.a", "log.c"] {
        client.publish(topic).await.expect("sent");
    }
    settle().await;
    assert_eq!(log.take(), ["log.a"]);
    client.publish("bad").await.expect("sent");
    client
        .publish("news.world")
        .arg("more")
        .await
        .expect("sent");
    settle().await;
    assert_eq!(log.take(), ["world: more (anonymous)"]);
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn events_keep_their_order() {
    let (router, log) = (router(), Log::default());
    let joined = join(&router, app(&log)).await;
    let client = peer(&router).await;
    for number in 0..500 {
        let publish = client.publish("news.all").arg(number.to_string());
        publish.acknowledge().await.expect("sent");
    }
    settle().await;
    let expected = (0..500).map(|it| format!("all: {it} (anonymous)"));
    assert_eq!(log.take(), expected.collect::<Vec<_>>());
    joined.leave().await;
}

fn talkative() -> App {
    App::empty()
        .procedure("announce", async |session: Session, text: String| {
            let published = session.realm().publish("announcements", text)?;
            Ok::<_, CallError>(published.receivers)
        })
        .procedure("announce.others", async |session: Session, text: String| {
            let publication = session.realm().publication("announcements");
            publication.exclude([session.id()]).send(text)?;
            Ok::<_, CallError>(())
        })
        .procedure("whisper", async |session: Session, text: String| {
            let delivery = session.publish("announcements", text)?;
            Ok::<_, CallError>(delivery == Delivery::Queued)
        })
        .procedure("keep", async |session: Session| {
            let publication = session.realm().publication("kept");
            publication.retain().send("kept for you")?;
            Ok::<_, CallError>(())
        })
}

#[tokio::test(start_paused = true)]
async fn what_functions_publish_reaches_the_peers_of_the_router() {
    let router = telling_router();
    let joined = join(&router, talkative()).await;
    let (one, two) = (peer(&router).await, peer(&router).await);
    let mut first = one.subscribe("announcements").await.expect("subscribed");
    let mut second = two.subscribe("announcements").await.expect("subscribed");
    // Nobody waits for the router to say how many have it.
    let receivers = one.call("announce").arg("all").get::<usize>().await;
    assert_eq!(receivers.expect("an answer"), 0);
    for events in [&mut first, &mut second] {
        let event = events.next().await.expect("an event");
        assert_eq!(event.decode::<String>().expect("a text"), "all");
    }
    one.call("announce.others")
        .arg("others")
        .await
        .expect("an answer");
    let whispered = one.call("whisper").arg("you").get::<bool>().await;
    assert!(whispered.expect("an answer"));
    let event = second.next().await.expect("an event");
    assert_eq!(event.decode::<String>().expect("a text"), "others");
    let event = first.next().await.expect("an event");
    assert_eq!(event.decode::<String>().expect("a text"), "you");
    settle().await;
    assert!(first.try_next().is_none() && second.try_next().is_none());
    one.call("keep").await.expect("an answer");
    let mut kept = one
        .subscribe("kept")
        .get_retained()
        .await
        .expect("subscribed");
    let event = kept.next().await.expect("an event");
    assert_eq!(event.decode::<String>().expect("a text"), "kept for you");
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_can_be_whispered_to_whom_the_router_does_not_name() {
    use wamp_server::permission::Disclosure;

    let app = App::empty().router(RouterOptions::default());
    let router = build(app.disclosure(Disclosure::Refused));
    let joined = join(&router, talkative()).await;
    let client = peer(&router).await;
    let whispered = client.call("whisper").arg("you").get::<bool>().await;
    assert!(!whispered.expect("an answer"));
    joined.leave().await;
}

#[procedure("ask.twice")]
async fn ask_twice(session: &Session) -> Result<(i64, String), CallError> {
    let doubled = session.realm().call("double").arg(21).await?.decode()?;
    let name = session.call("name").await?.decode()?;
    Ok((doubled, name))
}

#[tokio::test(start_paused = true)]
async fn functions_call_what_others_offer_at_the_router() {
    let router = router();
    let app = App::empty()
        .procedures(procedures![ask_twice])
        .procedure("steps", async |session: Session| {
            let mut call = session.realm().call("count").progress();
            let mut steps = Vec::new();
            while let Some(step) = call.next().await {
                steps.push(step.decode::<u64>()?);
            }
            steps.push(call.result().await?.decode()?);
            Ok::<_, CallError>((steps,))
        })
        .procedure("nobody", async |session: Session| {
            let error = session.realm().call("no.such.procedure").await;
            error.expect_err("there is none").uri().to_owned()
        });
    let joined = join(&router, app).await;
    let mut other = Client::connect(&router);
    other
        .say(r#"[1,"realm1",{"roles":{"callee":{"features":{"progressive_call_results":true}}}}]"#)
        .await;
    other.next().await;
    for (request, uri) in [(1, "double"), (2, "name"), (3, "count")] {
        other.say(json!([64, request, {}, uri]).to_string()).await;
        other.next().await;
    }
    let answers = tokio::spawn(async move {
        let invocation = other.next().await;
        assert_eq!(invocation[4], json!([21]));
        other
            .say(json!([70, invocation[1], {}, [42]]).to_string())
            .await;
        settle().await;
        let invocation = other.next().await;
        other
            .say(json!([70, invocation[1], {}, ["Ada"]]).to_string())
            .await;
        settle().await;
        let invocation = other.next().await;
        for step in 1..=3 {
            let progress = json!([70, invocation[1], {"progress": true}, [step]]);
            other.say(progress.to_string()).await;
        }
        other
            .say(json!([70, invocation[1], {}, [4]]).to_string())
            .await;
        settle().await;
    });
    let client = peer(&router).await;
    let answer = client.call("ask.twice").await.expect("an answer");
    assert_eq!(
        answer.args::<(i64, String)>().expect("values"),
        (42, "Ada".to_owned())
    );
    let steps = client.call("steps").get::<Vec<u64>>().await;
    assert_eq!(steps.expect("an answer"), [1, 2, 3, 4]);
    answers.await.expect("no panic");
    let uri = client.call("nobody").get::<String>().await;
    assert_eq!(uri.expect("an answer"), "wamp.error.no_such_procedure");
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn server_code_subscribes_at_the_router() {
    let router = router();
    let server = build(App::empty());
    let realm = server.realm("realm1").expect("a realm");
    // Before there is a router, and after.
    let mut early = realm.subscribe("news").expect("a topic");
    let builder = wamp_server::client::Builder::over(router.connector());
    let joined = server.join(builder).await.expect("it joins");
    let mut late = realm
        .subscription("news")
        .prefix()
        .open()
        .expect("a pattern");
    settle().await;
    let client = peer(&router).await;
    client.publish("news").arg(1).await.expect("sent");
    client.publish("news.more").arg(2).await.expect("sent");
    assert_eq!(
        early
            .next()
            .await
            .expect("an event")
            .decode::<u64>()
            .expect("a number"),
        1
    );
    for expected in [1, 2] {
        let event = late.next().await.expect("an event");
        assert_eq!(event.decode::<u64>().expect("a number"), expected);
    }
    // What the server publishes itself comes once.
    realm.publish("news", 3).expect("sent");
    for events in [&mut early, &mut late] {
        let event = events.next().await.expect("an event");
        assert_eq!(event.decode::<u64>().expect("a number"), 3);
    }
    drop((early, late));
    settle().await;
    let subscriptions = client.call("wamp.subscription.lookup").arg("news").await;
    let found = subscriptions.expect("an answer").decode::<Option<u64>>();
    assert_eq!(found.expect("an id or nothing"), None);
    let lookup = client.call("wamp.subscription.lookup").arg("news");
    let lookup = lookup.arg(json!({"match": Match::Prefix.as_str()})).await;
    let found = lookup.expect("an answer").decode::<Option<u64>>();
    assert_eq!(found.expect("an id or nothing"), None);
    joined.leave().await;
}
