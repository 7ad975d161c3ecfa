//! REST and WAMP in one axum server that share their state.
//!
//! `cargo run --example axum_mount`, then add a task with
//! `curl --json '{"title": "Water the plants"}' http://127.0.0.1:8080/tasks` while a WAMP client, connected to
//! `ws://127.0.0.1:8080/ws`, is subscribed to `tasks.added`. `GET /tasks` and the procedure `tasks.list` tell the same.

use std::env;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{ConnectInfo, State as AxumState};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use wamp_server::{App, CallError, EncodeError, Realm, Single, State, procedure, topic};

#[derive(Clone, Deserialize, Serialize)]
struct Task {
    title: String,
}

/// What both sides share.
#[derive(Default)]
struct Tasks(Mutex<Vec<Task>>);

impl Tasks {
    /// Adds a task, and tells everybody who is subscribed, whichever way it came in.
    fn add(&self, task: Task, realm: &Realm) -> Result<(), EncodeError> {
        self.lock().push(task.clone());
        realm.publish("tasks.added", task)?;
        Ok(())
    }

    fn all(&self) -> Vec<Task> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All tasks, as one list: a plain `Vec` would be sent as one argument for each task.
#[procedure("tasks.list")]
async fn list(tasks: State<'_, Tasks>) -> Single<Vec<Task>> {
    Single(tasks.all())
}

/// Adds a task.
#[procedure("tasks.add")]
async fn add(title: String, tasks: State<'_, Tasks>, realm: &Realm) -> Result<(), CallError> {
    Ok(tasks.add(Task { title }, realm)?)
}

/// Tasks that are added, be it by REST or by WAMP.
#[topic("tasks.added")]
async fn added() {}

/// What axum's handlers see.
#[derive(Clone)]
struct Rest {
    tasks: Arc<Tasks>,
    realm: Realm,
}

async fn get_tasks(AxumState(rest): AxumState<Rest>) -> Json<Vec<Task>> {
    Json(rest.tasks.all())
}

async fn post_task(AxumState(rest): AxumState<Rest>, Json(task): Json<Task>) -> StatusCode {
    match rest.tasks.add(task, &rest.realm) {
        Ok(()) => StatusCode::CREATED,
        Err(error) => {
            tracing::error!(%error, "the event cannot be sent");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let address = env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(address).await?;

    let tasks = Arc::new(Tasks::default());
    let server = App::new().shared_state(Arc::clone(&tasks)).build()?;
    let realm = server
        .realm("tasks")
        .ok_or("the default realm serves every name")?
        .clone();
    // Without the address of a peer there is nothing that limits for each peer could be counted for.
    let wamp = server
        .service()
        .peer_from(|it| it.get::<ConnectInfo<SocketAddr>>().map(|it| it.0));
    let router = Router::new()
        .route("/tasks", get(get_tasks).post(post_task))
        .route_service("/ws", wamp)
        .with_state(Rest { tasks, realm });

    tracing::info!(address = %listener.local_addr()?, "serving");
    let shutdown = async move {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C cannot be caught");
        }
        // axum does not know of connections that were upgraded: they are the WAMP server's own.
        server.shutdown().await;
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(shutdown)
        .await?;
    Ok(())
}
