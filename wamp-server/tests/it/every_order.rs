//! Whatever happens to a call, and in whatever order: exactly one answer, or none if its caller is gone.

use std::time::Duration;

use wamp_server::{
    App, CallError, CancellationToken, Progress, Server, State, procedure, procedures,
};

use crate::support::{Client, Events, build, nothing_is_left, settle};

/// How the handler ends is decided while it runs.
async fn decided(events: &Events) -> Result<&'static str, CallError> {
    tokio::select! {
        () = events.wait("finish") => Ok("done"),
        () = events.wait("fail") => Err(CallError::new("my.error")),
        () = events.wait("panic") => panic!("decided to panic"),
    }
}

#[procedure("deaf", timeout = "10s")]
async fn deaf(events: State<'_, Events>) -> Result<&'static str, CallError> {
    decided(&events).await
}

#[procedure("reports", timeout = "10s")]
async fn reports(
    events: State<'_, Events>,
    progress: &Progress<u32>,
) -> Result<&'static str, CallError> {
    progress.send(1).await;
    let result = decided(&events).await;
    progress.send(2).await;
    result
}

#[procedure("told", timeout = "10s")]
async fn told(
    events: State<'_, Events>,
    token: CancellationToken,
) -> Result<&'static str, CallError> {
    tokio::select! {
        () = token.cancelled() => decided(&events).await,
        result = decided(&events) => result,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Skip,
    Kill,
    KillNoWait,
    Finish,
    Fail,
    Panic,
    Timeout,
    Leave,
}

const STEPS: [Step; 8] = [
    Step::Skip,
    Step::Kill,
    Step::KillNoWait,
    Step::Finish,
    Step::Fail,
    Step::Panic,
    Step::Timeout,
    Step::Leave,
];

fn server() -> (Server, Events) {
    let events = Events::default();
    (
        build(
            App::empty()
                .procedures(procedures![deaf, reports, told])
                .state(events.clone()),
        ),
        events,
    )
}

/// Runs a call through `steps` and gives the answers that are final.
async fn answers(procedure: &str, steps: &[Step], pause: bool) -> Vec<String> {
    let (server, events) = server();
    let mut client = Client::join(&server).await;
    client
        .say(format!(
            r#"[48,1,{{"receive_progress":true}},"{procedure}"]"#
        ))
        .await;
    let mut left = false;
    let mut heard = Vec::new();
    for step in steps {
        if pause {
            settle().await;
        }
        match step {
            Step::Skip => client.say(r#"[49,1,{"mode":"skip"}]"#).await,
            Step::Kill => client.say(r#"[49,1,{"mode":"kill"}]"#).await,
            Step::KillNoWait => client.say(r#"[49,1,{"mode":"killnowait"}]"#).await,
            Step::Finish => events.happen("finish"),
            Step::Fail => events.happen("fail"),
            Step::Panic => events.happen("panic"),
            Step::Timeout => tokio::time::sleep(Duration::from_secs(11)).await,
            Step::Leave => {
                heard.extend(client.rest().await);
                left = true;
                break;
            }
        }
    }
    if !left {
        // Whatever has not happened yet ends the call.
        tokio::time::sleep(Duration::from_secs(30)).await;
        heard.extend(client.rest().await);
    }
    let mut finals = Vec::new();
    for message in heard {
        let progress = message[0] == 50 && message[2]["progress"] == true;
        assert!(
            !progress || finals.is_empty(),
            "{procedure} {steps:?}: progress after {finals:?}"
        );
        if !progress {
            let outcome = if message[0] == 50 {
                &message[3][0]
            } else {
                &message[4]
            };
            finals.push(outcome.as_str().unwrap_or_default().to_owned());
        }
    }
    client.vanish().await;
    nothing_is_left(&server);
    assert_eq!(server.stats().violations, 0);
    finals
}

/// What may answer a call by itself.
fn possible(step: Step) -> Option<&'static str> {
    match step {
        Step::Skip | Step::Kill | Step::KillNoWait => Some("wamp.error.canceled"),
        Step::Finish => Some("done"),
        Step::Fail => Some("my.error"),
        Step::Panic => Some("wamp.error.runtime_error"),
        Step::Timeout => Some("wamp.error.timeout"),
        Step::Leave => None,
    }
}

/// All sequences of up to three different steps.
fn programs() -> Vec<Vec<Step>> {
    let mut programs = STEPS.map(|step| vec![step]).to_vec();
    for a in STEPS {
        for b in STEPS.into_iter().filter(|it| *it != a) {
            programs.push(vec![a, b]);
            programs.extend(
                STEPS
                    .into_iter()
                    .filter(|it| *it != a && *it != b)
                    .map(|c| vec![a, b, c]),
            );
        }
    }
    programs
}

async fn check(procedure: &str, pause: bool) {
    for steps in programs() {
        let answers = answers(procedure, &steps, pause).await;
        let name = format!("{procedure} {steps:?}: {answers:?}");
        if steps[0] == Step::Leave {
            assert!(answers.is_empty(), "{name}");
            continue;
        }
        let leaves = steps.contains(&Step::Leave);
        assert!(answers.len() == 1 || leaves && answers.is_empty(), "{name}");
        // What came first decides, unless the handler was asked to end and has its own idea.
        let first = steps[0];
        let Some(answer) = answers.first() else {
            continue;
        };
        if pause && !(first == Step::Kill && procedure == "told") {
            assert_eq!(Some(answer.as_str()), possible(first), "{name}");
        } else {
            let any = steps.iter().filter_map(|it| possible(*it));
            assert!(
                answer == "wamp.error.timeout" || any.into_iter().any(|it| it == answer),
                "{name}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_answered_once_by_what_happens_first() {
    check("deaf", true).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_with_progress_is_answered_once_and_last() {
    check("reports", true).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_handler_wants_to_be_told_is_answered_once() {
    check("told", true).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_is_answered_once_when_everything_happens_at_the_same_time() {
    for procedure in ["deaf", "reports", "told"] {
        check(procedure, false).await;
    }
}
