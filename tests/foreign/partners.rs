//! Clients that others have written at both ends: they call each other and publish for each other through our router.
//!
//! A partner (`partner.py`, `partner.js`) serves procedures and subscribes; `partner_checks.*` check what comes of it. Each of the three
//! clients is both, with all three, in every serializer, over WebSocket and, where it can, RawSocket over TCP and a Unix socket.
//!
//! What none of them has is left to raw messages: none takes progressive invocations as a callee, and only autobahn for Python can be
//! interrupted. wampproto for Python is no client: it has messages and sessions, and no connections.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use wamp_tests::peers::{node, python};
use wamp_tests::router::{REALM, Router};
use wamp_tests::soon;

use crate::{run, run_to};

/// The checks of two sessions that Crossbar.io passes, too.
#[tokio::test]
async fn autobahn_for_python_through_our_router() {
    if let Some(script) = python("autobahn_router.py") {
        let router = Router::start().await;
        run(script, router.address(), &["cbor", REALM]).await;
    }
}

#[tokio::test]
async fn everybody_with_everybody() {
    let served = [
        (Kind::Python, "json", Way::Tcp),
        (Kind::Autobahn, "msgpack", Way::WebSocket),
        (Kind::Wampy, "cbor", Way::WebSocket),
    ];
    let checked = [
        (Kind::Python, "cbor", Way::WebSocket),
        (Kind::Autobahn, "json", Way::WebSocket),
        (Kind::Wampy, "msgpack", Way::WebSocket),
    ];
    meet(served, checked).await;
}

#[tokio::test]
async fn everybody_with_everybody_in_other_serializers() {
    let served = [
        (Kind::Python, "msgpack", Way::WebSocket),
        (Kind::Autobahn, "cbor", Way::WebSocket),
        (Kind::Wampy, "json", Way::WebSocket),
    ];
    let checked = [
        (Kind::Python, "json", Way::Tcp),
        (Kind::Autobahn, "msgpack", Way::WebSocket),
        (Kind::Wampy, "cbor", Way::WebSocket),
    ];
    meet(served, checked).await;
}

#[tokio::test]
async fn everybody_with_everybody_in_the_last_serializers() {
    let served = [
        (Kind::Python, "cbor", Way::Unix),
        (Kind::Autobahn, "json", Way::WebSocket),
        (Kind::Wampy, "msgpack", Way::WebSocket),
    ];
    let checked = [
        (Kind::Python, "msgpack", Way::Unix),
        (Kind::Autobahn, "cbor", Way::WebSocket),
        (Kind::Wampy, "json", Way::WebSocket),
    ];
    meet(served, checked).await;
}

/// The caller of a process that is killed is told so.
#[tokio::test]
async fn a_callee_is_killed() {
    let Some(router) = router().await else {
        return;
    };
    for (victim, witness) in [
        (Kind::Python, Kind::Wampy),
        (Kind::Wampy, Kind::Autobahn),
        (Kind::Autobahn, Kind::Python),
    ] {
        let partner = Partner::start(&router, (victim, "json", Way::WebSocket)).await;
        let killed = ["kill", victim.name()];
        check(&router, (witness, "msgpack", Way::WebSocket), &killed).await;
        partner.end().await;
    }
}

/// A client, its serializer, and how it comes to the router.
type Client = (Kind, &'static str, Way);

#[derive(Clone, Copy)]
enum Kind {
    Python,
    Wampy,
    Autobahn,
}

/// Over WebSocket, or over RawSocket.
#[derive(Clone, Copy)]
enum Way {
    WebSocket,
    Tcp,
    Unix,
}

impl Kind {
    /// What a partner calls itself, and its procedures begin with.
    fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Wampy => "wampy",
            Self::Autobahn => "autobahn",
        }
    }

    /// One of the two scripts that there are in both languages.
    fn script(self, name: &str) -> Option<Command> {
        match self {
            Self::Python => python(&format!("{name}.py")),
            Self::Wampy | Self::Autobahn => node(&format!("{name}.js")),
        }
    }
}

impl Way {
    fn url(self, router: &Router) -> String {
        match self {
            Self::WebSocket => format!("ws://{}/", router.address()),
            Self::Tcp => format!("rs://{}", router.address()),
            Self::Unix => format!("unix:{}", router.socket().display()),
        }
    }
}

/// A router, if there are clients.
async fn router() -> Option<Router> {
    Kind::Python.script("partner")?;
    Kind::Wampy.script("partner")?;
    Some(Router::start().await)
}

async fn meet(served: [Client; 3], checked: [Client; 3]) {
    let Some(router) = router().await else {
        return;
    };
    let mut partners = Vec::new();
    for client in served {
        partners.push(Partner::start(&router, client).await);
    }
    let names = served.map(|(kind, ..)| kind.name());
    for client in checked {
        let words = [&["everything"], &names[..]].concat();
        check(&router, client, &words).await;
    }
    for partner in partners {
        partner.end().await;
    }
}

async fn check(router: &Router, (kind, encoding, way): Client, words: &[&str]) {
    let Some(script) = kind.script("partner_checks") else {
        return;
    };
    let itself = match kind {
        Kind::Python => &[][..],
        Kind::Wampy | Kind::Autobahn => &[kind.name()],
    };
    let words = [&[encoding, REALM], itself, words].concat();
    run_to(script, &way.url(router), &words).await;
}

/// A process that serves.
struct Partner {
    /// Killed when it is dropped.
    child: Child,
    rest: JoinHandle<()>,
}

impl Partner {
    /// Waits until everything is registered.
    async fn start(router: &Router, (kind, encoding, way): Client) -> Self {
        let script = kind.script("partner");
        let mut child = script
            .expect("it was there a moment ago")
            .arg(way.url(router))
            .args([encoding, REALM, kind.name()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it was there when it was set up");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let ready = soon("a partner to be ready", lines.next_line()).await;
        assert_eq!(ready.ok().flatten().as_deref(), Some("ready"));
        // Read on, or it would wait for room in the pipe.
        let rest = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("{line}");
            }
        });
        Self { child, rest }
    }

    /// Ends it, if it has not been ended.
    async fn end(mut self) {
        let ended = soon("a partner to end", self.child.kill()).await;
        ended.expect("it was started here");
        soon("the rest of a log", self.rest)
            .await
            .expect("lines are read without panics");
    }
}
