//! Who is logged in.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wamp_server::proto::message::Secret;

/// Names and passwords. A real service stores what Argon2 makes of a password.
const USERS: [(&str, &str); 2] = [("ann", "sesame"), ("bob", "mellon")];

/// Names by tokens: 256 random bits, which nobody can guess.
#[derive(Default)]
pub(crate) struct Logins(Mutex<HashMap<String, &'static str>>);

/// What a WAMP session was opened with.
pub(crate) struct Login {
    pub(crate) token: String,
}

impl Logins {
    /// Logs somebody in who has the right password; the token of the login.
    pub(crate) fn begin(&self, name: &str, password: String) -> Option<String> {
        let password = Secret::new(password);
        let is_user =
            |(known, expected): &(&str, &str)| *known == name && password.is_same(expected);
        let (user, _) = USERS.into_iter().find(is_user)?;
        let [high, low] = rand::random::<[u128; 2]>();
        let token = format!("{high:032x}{low:032x}");
        self.lock().insert(token.clone(), user);
        Some(token)
    }

    /// Whose login it is.
    pub(crate) fn user(&self, token: &str) -> Option<&'static str> {
        self.lock().get(token).copied()
    }

    /// Ends a login; whose it was.
    pub(crate) fn end(&self, token: &str) -> Option<&'static str> {
        self.lock().remove(token)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, &'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
