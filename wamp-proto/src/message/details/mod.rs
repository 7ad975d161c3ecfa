//! The dictionaries of the messages: `Options` from clients, `Details` from routers.
//!
//! A field that is `None`, `false` or the default is not written. Whatever else a peer sends is kept in `unknown`.

mod pubsub;
mod rpc;
mod session;

pub use pubsub::{
    EventDetails, PublishOptions, Publisher, Receivers, SubscribeOptions, UnsubscribedDetails,
};
pub use rpc::{
    CallOptions, CallSharding, Caller, CancelOptions, ErrorDetails, InterruptOptions,
    InvocationDetails, RegisterOptions, ResultDetails, UnregisteredDetails, YieldOptions,
};
pub use session::{
    AbortDetails, AuthenticateExtra, ChallengeExtra, GoodbyeDetails, HelloDetails, Passthru,
    WelcomeDetails,
};
