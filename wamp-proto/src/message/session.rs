//! Opening and closing sessions. WAMP, "Sessions".

use bytestring::ByteString;

use super::Secret;
use super::details::{
    AbortDetails, AuthenticateExtra, ChallengeExtra, GoodbyeDetails, HelloDetails, WelcomeDetails,
};
use super::element::message;
use crate::id::Id;

message! {
    /// `[HELLO, Realm|uri, Details|dict]`: a client opens a session.
    pub struct Hello = HELLO {
        /// The realm to join.
        "Realm" => realm: ByteString,
        /// Who the client is and what it can do.
        "Details" => details: Box<HelloDetails>,
    }
}

message! {
    /// `[WELCOME, Session|id, Details|dict]`: the session is open.
    pub struct Welcome = WELCOME {
        /// The session.
        "Session" => session: Id,
        /// Who the client was taken for and what the router can do.
        "Details" => details: Box<WelcomeDetails>,
    }
}

message! {
    /// `[ABORT, Details|dict, Reason|uri]`, maybe with arguments: the session is not opened, or ends at once. There is no answer.
    pub struct Abort = ABORT {
        /// An explanation.
        "Details" => details: AbortDetails,
        /// Why, as a URI.
        "Reason" => reason: ByteString,
    } + payload
}

message! {
    /// `[CHALLENGE, AuthMethod|string, Extra|dict]`: the router wants a proof of identity.
    pub struct Challenge = CHALLENGE {
        /// Which of the offered methods.
        "AuthMethod" => method: ByteString,
        /// The question.
        "Extra" => extra: Box<ChallengeExtra>,
    }
}

message! {
    /// `[AUTHENTICATE, Signature|string, Extra|dict]`: the proof.
    pub struct Authenticate = AUTHENTICATE {
        /// A signature, or the ticket itself.
        "Signature" => signature: Secret,
        /// What else the method wants.
        "Extra" => extra: Box<AuthenticateExtra>,
    }
}

message! {
    /// `[GOODBYE, Details|dict, Reason|uri]`: the session ends. The answer is the same message with the reason
    /// [`GOODBYE_AND_OUT`](crate::uri::GOODBYE_AND_OUT).
    pub struct Goodbye = GOODBYE {
        /// An explanation.
        "Details" => details: GoodbyeDetails,
        /// Why, as a URI.
        "Reason" => reason: ByteString,
    }
}
