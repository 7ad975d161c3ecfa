//! What a browser sees: the login form, or the page of whoever is logged in.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::http::header::{COOKIE as COOKIE_HEADER, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use wamp_server::Realm;

use crate::logins::Logins;

pub(crate) const COOKIE: &str = "login";

const LOGIN: &str = include_str!("login.html");
const HOME: &str = include_str!("home.html");

/// What the pages work with.
#[derive(Clone)]
pub(crate) struct Pages {
    pub(crate) logins: Arc<Logins>,
    pub(crate) realm: Realm,
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    name: String,
    password: String,
}

pub(crate) async fn home(State(pages): State<Pages>, headers: HeaderMap) -> Html<&'static str> {
    let user = token(&headers).and_then(|it| pages.logins.user(it));
    Html(if user.is_some() { HOME } else { LOGIN })
}

pub(crate) async fn log_in(
    State(pages): State<Pages>,
    Form(Credentials { name, password }): Form<Credentials>,
) -> Response {
    match pages.logins.begin(&name, password) {
        Some(token) => ([(SET_COOKIE, cookie(&token))], Redirect::to("/")).into_response(),
        None => (StatusCode::UNAUTHORIZED, Html(LOGIN)).into_response(),
    }
}

/// The cookie is `SameSite`, so no other site can log anybody out.
pub(crate) async fn log_out(State(pages): State<Pages>, headers: HeaderMap) -> Response {
    if let Some(token) = token(&headers)
        && let Some(user) = pages.logins.end(token)
    {
        crate::log_out(&pages.realm, user, token);
    }
    let gone = format!("{}; Max-Age=0", cookie(""));
    ([(SET_COOKIE, gone)], Redirect::to("/")).into_response()
}

/// Scripts cannot read it, and other sites cannot have it sent. Where there is TLS, it should be `Secure`, too.
fn cookie(token: &str) -> String {
    format!("{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/")
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE_HEADER).into_iter();
    let pairs = cookies
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(';'));
    let mut pairs = pairs.filter_map(|it| it.trim().split_once('='));
    pairs.find_map(|(name, value)| (name == COOKIE).then_some(value))
}
