//! A login form and a cookie, and WAMP for whoever has the cookie: for services that have a login page already.
//!
//! `cargo run --example cookies`, then open `http://127.0.0.1:8080/` and log in as `ann` with the password `sesame`; in another browser,
//! or a private window, as `bob` with `mellon`. Each page shows who is logged in, which its WAMP session at `/ws` has told, and who logs
//! out meanwhile. Without the cookie, `/ws` lets nobody in.
//!
//! - `logins`: who is logged in, by what is in the cookie.
//! - `pages`: what a browser sees.

mod logins;
mod pages;

use std::env;
use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use wamp_server::auth::Principal;
use wamp_server::{App, CallError, Identity, Realm, Session, State, procedure, session, topic};

use crate::logins::{Login, Logins};
use crate::pages::Pages;

/// Who the caller is.
#[procedure("people.whoami", realm = "people")]
async fn whoami(session: &Session) -> String {
    session.auth().id.to_string()
}

/// Who logs out.
#[topic("people.left", realm = "people")]
async fn left() {}

/// Whoever logs out while a session is being opened would not see it end: at this point it is among the sessions that are looked for.
#[session(realm = "people")]
async fn is_still_logged_in(
    login: Identity<'_, Login>,
    logins: State<'_, Logins>,
) -> Result<(), CallError> {
    let user = logins.user(&login.token);
    user.map(|_| ()).ok_or_else(CallError::not_authorized)
}

/// Ends the sessions that a login has opened, and tells the others.
fn log_out(realm: &Realm, user: &str, token: &str) {
    let sessions = realm.sessions();
    let own = sessions
        .iter()
        .filter(|it| it.identity::<Login>().is_some_and(|it| it.token == token));
    for session in own {
        session.close("wamp.close.logout", "you have logged out");
    }
    if let Err(error) = realm.publish("people.left", user) {
        tracing::error!(%error, "the event cannot be sent");
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let address = env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(address).await?;

    let logins = Arc::new(Logins::default());
    let people = Realm::new("people")
        .shared_state(Arc::clone(&logins))
        .transport_authenticator(|session| {
            let logins = session.realm().state::<Logins>();
            let token = session.transport().cookie(pages::COOKIE);
            let found = logins.zip(token).and_then(|(logins, token)| {
                let token = token.to_owned();
                let user = logins.user(&token)?;
                Some(
                    Principal::new(user, "user")
                        .method("cookie")
                        .identity(Login { token }),
                )
            });
            ready(found)
        });
    let server = App::new().default_realm(false).realm(people).build()?;
    let realm = server.realm("people").ok_or("it was given")?.clone();

    let router = Router::new()
        .route("/", get(pages::home))
        .route("/login", post(pages::log_in))
        .route("/logout", post(pages::log_out))
        .route_service("/ws", server.service())
        .with_state(Pages { logins, realm });
    tracing::info!(address = %listener.local_addr()?, "serving");
    let shutdown = async move {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C cannot be caught");
        }
        // axum does not know of connections that were upgraded: they are the WAMP server's own.
        server.shutdown().await;
    };
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await?;
    Ok(())
}
