//! The application inside something else: beside the routes of a web framework, or over any stream of bytes.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::io::DuplexStream;
use tokio::net::TcpListener;
use wamp_server::{App, Server, Session};

use crate::refusals::with;
use crate::support::{Client, Running, app, request, soon};

/// An application that tells clients what it sees of them.
fn mirror() -> App {
    app()
        .procedure("mirror.path", async |session: Session| {
            session.transport().path().to_owned()
        })
        .procedure("mirror.query", async |session: Session| {
            session.transport().query().map(ToOwned::to_owned)
        })
        .procedure("mirror.peer", async |session: Session| {
            session.transport().peer().map(|it| it.to_string())
        })
        .procedure("mirror.header", async |name: String, session: Session| {
            session.transport().header(&name).map(ToOwned::to_owned)
        })
        .procedure("mirror.cookie", async |name: String, session: Session| {
            session.transport().cookie(&name).map(ToOwned::to_owned)
        })
}

const REQUEST: &str = "GET /ws/a%20b?token=1&x HTTP/1.1\r\n\
     Host: localhost\r\n\
     Upgrade: websocket\r\n\
     Connection: Upgrade\r\n\
     Cookie: a=1; session=s3cret\r\n\
     X-Forwarded-For: 203.0.113.7\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
     Sec-WebSocket-Protocol: wamp.2.json\r\n\
     Sec-WebSocket-Version: 13\r\n\
     \r\n";

async fn see<S>(client: &mut Client<S>, what: &str, args: serde_json::Value) -> serde_json::Value
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let answer = client.call(what, args).await;
    assert_eq!(answer[0], 50, "{answer}");
    answer[3][0].clone()
}

async fn mirrored<S>(client: &mut Client<S>, peer: serde_json::Value)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    client.send(REQUEST).await;
    assert!(client.response_head().await.starts_with("HTTP/1.1 101 "));
    client.join().await;
    assert_eq!(see(client, "mirror.path", json!([])).await, "/ws/a%20b");
    assert_eq!(see(client, "mirror.query", json!([])).await, "token=1&x");
    assert_eq!(
        see(client, "mirror.header", json!(["HOST"])).await,
        "localhost"
    );
    assert_eq!(
        see(client, "mirror.cookie", json!(["session"])).await,
        "s3cret"
    );
    // What a client says about its own address is nothing that anybody should see.
    assert_eq!(
        see(client, "mirror.header", json!(["x-forwarded-for"])).await,
        json!(null)
    );
    assert_eq!(see(client, "mirror.peer", json!([])).await, peer);
}

#[tokio::test]
async fn handlers_see_how_a_client_came_in() {
    let server = Running::new(mirror()).await;
    let mut client = Client::connect(server.address).await;
    let peer = client.stream.local_addr().expect("it is connected");
    mirrored(&mut client, json!(peer.to_string())).await;
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn any_stream_of_bytes_can_be_served() {
    let server = mirror().build().expect("no mistakes");
    for buffer in [1, 64 * 1024] {
        let (ours, theirs) = tokio::io::duplex(buffer);
        let served = tokio::spawn(server.attach_stream(theirs));
        let mut client = Client::over(ours);
        mirrored(&mut client, json!(null)).await;
        assert_eq!(client.call("test.large", json!([20_000])).await[0], 50);
        client.leave().await;
        soon("the end of the connection", served)
            .await
            .expect("no panic");
    }
    soon("the end of the server", server.shutdown()).await;
    assert_eq!(
        (server.stats().connections, server.stats().sessions),
        (0, 0)
    );
}

/// HTTP on a stream, with the service mounted, which is told something about the connection.
pub(crate) fn mounted<T: Clone + Send + Sync + 'static>(
    server: &Server,
    stream: DuplexStream,
    told: Option<T>,
) -> impl Future<Output = ()> + Send + use<T> {
    let service = server.service();
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        if let Some(told) = told.clone() {
            request.extensions_mut().insert(told);
        }
        service.call(request)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    async {
        let _ = connection.await;
    }
}

/// Serves an axum router on a port of its own.
async fn serve(router: Router) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("loopback exists");
    let address = listener.local_addr().expect("it is bound");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let task =
        tokio::spawn(async move { axum::serve(listener, service).await.expect("it serves") });
    (address, task)
}

/// Where axum keeps it.
fn connect_info(extensions: &http::Extensions) -> Option<SocketAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|it| it.0)
}

#[tokio::test]
async fn it_lives_beside_the_routes_of_axum() {
    let server = mirror().build().expect("no mistakes");
    let router = Router::new()
        .route("/health", get(async || "ok"))
        .route_service("/ws", server.service())
        .route_service("/ws/{*rest}", server.service().peer_from(connect_info));
    let (address, task) = serve(router).await;

    let mut client = Client::connect(address).await;
    let peer = client.stream.local_addr().expect("it is connected");
    mirrored(&mut client, json!(peer.to_string())).await;

    let mut rest = Client::connect(address).await;
    rest.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await;
    let response = String::from_utf8(rest.rest().await).expect("text");
    assert!(
        response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("ok"),
        "{response}"
    );

    let mut plain = Client::connect(address).await;
    plain
        .send("GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await;
    let response = String::from_utf8(plain.rest().await).expect("text");
    assert!(
        response.starts_with("HTTP/1.1 426 Upgrade Required\r\n"),
        "{response}"
    );

    client.leave().await;
    soon("the end of the server", server.shutdown()).await;
    task.abort();
}

#[tokio::test]
async fn without_a_peer_address_axum_serves_it_all_the_same() {
    let service = mirror().into_service().expect("no mistakes");
    let router = Router::new().route_service("/ws/{*rest}", service);
    let (address, task) = serve(router).await;
    let mut client = Client::connect(address).await;
    mirrored(&mut client, json!(null)).await;
    assert_eq!(client.call("test.large", json!([1_000_000])).await[0], 50);
    client.leave().await;
    task.abort();
}

/// The web framework has its own end; the sessions have theirs.
#[tokio::test]
async fn a_mounted_server_that_is_shut_down_refuses_new_connections() {
    let server = mirror().build().expect("no mistakes");
    let (address, task) = serve(Router::new().route_service("/", server.service())).await;
    let mut client = Client::connect(address).await;
    client.upgrade("wamp.2.json").await;
    client.join().await;
    let shutdown = tokio::spawn({
        let server = server.clone();
        async move { server.shutdown().await }
    });
    assert_eq!(client.message().await[2], "wamp.close.system_shutdown");
    let mut late = Client::connect(address).await;
    let last = with(
        &request("/", "wamp.2.json"),
        "Connection: Upgrade",
        "Connection: Upgrade, close",
    );
    late.send(last).await;
    let head = late.response_head().await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    let body = late.rest().await;
    assert_eq!(body, b"The server is shutting down.\n");
    client.answer_goodbye().await;
    assert_eq!(client.end().await.code, Some(1001));
    soon("the end of the server", shutdown)
        .await
        .expect("no panic");
    task.abort();
}
