//! The application's own look at messages.

use wamp_proto::message::Message;

use super::Session;

/// Sees every message of an open session before the server acts on it.
///
/// It may pass it on, changed or not, or take it, and then answers it itself, with [`Session::send`] or from a task of the session
/// ([`Session::spawn`]). It runs where the session is served, so it must not block. Implemented for closures:
///
/// ```
/// use wamp_server::proto::message::Message;
/// use wamp_server::{App, Session};
///
/// let app = App::empty().message_handler(|_: &Session, message: Message| match message {
///     Message::Register(_) => None, // pretend not to have heard
///     other => Some(other),
/// });
/// ```
pub trait MessageHandler: Send + Sync + 'static {
    /// Returns the message that the server is to act on, if any.
    fn on_message(&self, session: &Session, message: Message) -> Option<Message>;
}

impl<F> MessageHandler for F
where
    F: Fn(&Session, Message) -> Option<Message> + Send + Sync + 'static,
{
    fn on_message(&self, session: &Session, message: Message) -> Option<Message> {
        self(session, message)
    }
}
