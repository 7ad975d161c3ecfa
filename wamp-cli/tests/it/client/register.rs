//! `wamp register`.

use serde_json::{Value, json};

use super::support::{Running, client, done, json, router, told};

#[tokio::test]
async fn calls_are_told_of() {
    let router = router().await;
    let options = ["com.example", "--match", "prefix", "--echo"];
    let mut people = Running::registered(&router, &options).await;
    told(&router, &["call", "com.example.foo", "hi", "-k", "a=1"]).await;
    let line = people.says("com.example.foo").await;
    assert!(
        line.starts_with(r#"wamp: com.example.foo("hi" a=1): result ("#),
        "{line}"
    );

    let mut machines = Running::registered(&router, &["com.machines", "--echo", "--json"]).await;
    told(&router, &["call", "com.machines", "hi", "--disclose-me"]).await;
    let line: Value = serde_json::from_str(&machines.line().await).expect("it is JSON");
    assert!(line["details"]["caller"].is_u64(), "{line}");
    assert!(
        line["seconds"].as_f64().is_some_and(|it| it < 10.0),
        "{line}"
    );
    let keys = line.as_object().expect("an object").keys();
    let expected = [
        "args",
        "details",
        "kwargs",
        "outcome",
        "procedure",
        "seconds",
    ];
    assert!(keys.eq(expected), "{line}");
    assert_eq!(line["outcome"], "result");
}

#[cfg(unix)]
#[tokio::test]
async fn programs_get_the_call_and_give_the_result() {
    let router = router().await;
    for (program, arguments, expected) in [
        (
            &["cat"][..],
            &["hi", "-k", "a=1"][..],
            json!({"args": [{"procedure": "com.example.run", "details": {}, "args": ["hi"], "kwargs": {"a": 1}}], "kwargs": {}}),
        ),
        (
            &["echo", "hello", "--json"],
            &[],
            json!({"args": ["hello --json"], "kwargs": {}}),
        ),
        (&["true"], &[], json!({"args": [], "kwargs": {}})),
        (
            &["echo", r#"{"args": [1, 2], "kwargs": {"b": 3}}"#],
            &[],
            json!({"args": [1, 2], "kwargs": {"b": 3}}),
        ),
        (
            &["printf", r"\377"],
            &[],
            json!({"args": ["\0/w=="], "kwargs": {}}),
        ),
    ] {
        let register = [&["com.example.run", "--exec"], program].concat();
        let mut running = Running::registered(&router, &register).await;
        let call = [&["call", "com.example.run", "--json"], arguments].concat();
        assert_eq!(json(&router, &call).await, expected, "{program:?}");
        running.signal(rustix::process::Signal::TERM);
        assert_eq!(running.ended().await.code(), Some(0));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn programs_that_fail_are_errors() {
    let router = router().await;
    for (program, error, argument) in [
        (
            &["false"][..],
            "wamp.error.runtime_error",
            Some("`false` has failed: exit status: 1"),
        ),
        (
            &["/nowhere/at/all"],
            "wamp.error.runtime_error",
            Some("`/nowhere/at/all` cannot be started: No such file or directory (os error 2)"),
        ),
        (
            &["sh", "-c", r#"echo '"com.example.no"'; exit 3"#],
            "com.example.no",
            None,
        ),
        (
            &[
                "sh",
                "-c",
                r#"echo '{"error": "com.example.no", "args": ["why"]}'; exit 3"#,
            ],
            "com.example.no",
            Some("why"),
        ),
    ] {
        let register = [&["com.example.run", "--exec"], program].concat();
        let mut running = Running::registered(&router, &register).await;
        let failed = done(client(&router, &["call", "com.example.run", "--json"])).await;
        assert_eq!(failed.code, Some(7));
        let told: Value = serde_json::from_str(&failed.out).expect("it is JSON");
        let arguments = argument.into_iter().collect::<Vec<_>>();
        assert_eq!(
            told,
            json!({"error": error, "args": arguments, "kwargs": {}})
        );
        running.says(error).await;
        running.signal(rustix::process::Signal::TERM);
        assert_eq!(running.ended().await.code(), Some(0));
    }
}

/// A program, and a child of it, that hold a pipe open until they are killed.
#[cfg(unix)]
mod killing {
    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
    use tokio::net::unix::pipe;
    use wamp_tests::soon;

    use super::*;
    use crate::support::Folder;

    struct Program {
        folder: Folder,
        script: String,
    }

    impl Program {
        fn new() -> Self {
            let folder = Folder::new("");
            let path = folder.text_of("pipe");
            let made = std::process::Command::new("mkfifo").arg(&path).status();
            assert!(made.expect("there is such a program").success());
            let script = format!("exec 3>'{path}'; echo running >&3; sleep 600");
            Self { folder, script }
        }

        fn pipe(&self) -> BufReader<pipe::Receiver> {
            let path = self.folder.path("pipe");
            let receiver = pipe::OpenOptions::new()
                .read_write(false)
                .open_receiver(path);
            BufReader::new(receiver.expect("it is a pipe"))
        }
    }

    async fn runs(pipe: &mut BufReader<pipe::Receiver>) {
        let mut line = String::new();
        while line.is_empty() {
            let read = soon("a program to run", pipe.read_line(&mut line)).await;
            read.expect("it is text");
            tokio::task::yield_now().await;
        }
        assert_eq!(line, "running\n");
    }

    async fn is_killed(pipe: &mut BufReader<pipe::Receiver>) {
        let mut rest = String::new();
        let end = soon("a program to be killed", pipe.read_to_string(&mut rest)).await;
        assert_eq!(end.expect("it is text"), 0);
    }

    #[tokio::test]
    async fn programs_end_with_their_calls() {
        let router = router().await;
        let program = Program::new();
        let register = ["com.example.run", "--exec", "sh", "-c", &program.script];
        let mut running = Running::registered(&router, &register).await;

        let mut pipe = program.pipe();
        let call = ["call", "com.example.run", "--cancel", "kill"];
        let mut calling = Running::start(client(&router, &call));
        runs(&mut pipe).await;
        calling.signal(rustix::process::Signal::INT);
        is_killed(&mut pipe).await;
        assert_eq!(calling.ended().await.code(), Some(130));
        running.says("wamp.error.canceled").await;

        let mut pipe = program.pipe();
        let call = ["call", "com.example.run", "--timeout", "1s"];
        let calling = tokio::spawn(done(client(&router, &call)));
        runs(&mut pipe).await;
        is_killed(&mut pipe).await;
        assert_eq!(calling.await.expect("it does not panic").code, Some(8));

        let mut pipe = program.pipe();
        let call = ["call", "com.example.run", "--json"];
        let calling = tokio::spawn(done(client(&router, &call)));
        runs(&mut pipe).await;
        running.signal(rustix::process::Signal::INT);
        is_killed(&mut pipe).await;
        let failed = calling.await.expect("it does not panic");
        assert!(failed.out.contains("wamp.error.canceled"), "{}", failed.out);
        assert_eq!(running.ended().await.code(), Some(0));
    }
}

#[tokio::test]
async fn callees_share_a_procedure_if_they_agree() {
    let router = router().await;
    let options = [
        "com.example.shared",
        "--echo",
        "--json",
        "--invoke",
        "roundrobin",
    ];
    let mut one = Running::registered(&router, &options).await;
    let mut other = Running::registered(&router, &options).await;
    for number in ["1", "2"] {
        told(&router, &["call", "com.example.shared", number]).await;
    }
    let mut numbers = Vec::new();
    for callee in [&mut one, &mut other] {
        let line: Value = serde_json::from_str(&callee.line().await).expect("it is JSON");
        numbers.push(line["args"][0].as_u64());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [Some(1), Some(2)]);
}
