//! How a realm routes between its sessions.

/// What a router does beside the minimum. See [`App::router`](crate::App::router).
///
/// ```
/// use wamp_server::{App, RouterOptions};
///
/// let app = App::empty().router(RouterOptions::new().meta_api(false));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RouterOptions {
    pub(crate) meta_api: bool,
    pub(crate) strict: bool,
}

impl Default for RouterOptions {
    fn default() -> Self {
        Self {
            meta_api: true,
            strict: false,
        }
    }
}

impl RouterOptions {
    /// A router as the specification describes it, lenient towards clients that are in use.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether clients can ask for sessions, registrations and subscriptions, and are told of changes: `wamp.session.*`,
    /// `wamp.registration.*`, `wamp.subscription.*`. They can, unless this is turned off. WAMP, "WAMP Meta API".
    pub fn meta_api(mut self, serve: bool) -> Self {
        self.meta_api = serve;
        self
    }

    /// Holds clients to the letter of the specification where many in use do not keep it: progressive results are for callees only that
    /// announce `call_canceling` too. WAMP, "Progressive Call Results".
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }
}
