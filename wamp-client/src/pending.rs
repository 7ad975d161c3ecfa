//! Requests that are not answered yet.

use std::sync::Arc;

use tokio::sync::oneshot;
use wamp_proto::id::Id;
use wamp_proto::message::RequestType;
use wamp_proto::received::CallResult;

use crate::bounded;
use crate::error::{CallError, RemoteError};
use crate::registration::Offer;
use crate::subscription::Topic;

/// Where an answer goes.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, CallError>>;

/// A request, and who waits for its answer.
#[derive(Debug)]
pub(crate) enum Pending {
    Call(Reply<CallResult>),
    /// A call with progressive results.
    Progressive(bounded::Sender<CallResult>, Reply<CallResult>),
    Publish(Reply<Id>),
    Subscribe(Arc<Topic>, Reply<Id>),
    Unsubscribe(Reply<()>),
    Register(Arc<Offer>, Reply<Id>),
    /// The registration, and who waits.
    Unregister(Id, Reply<()>),
}

impl Pending {
    /// What ERROR calls such a request.
    pub(crate) fn request_type(&self) -> RequestType {
        match self {
            Self::Call(_) | Self::Progressive(..) => RequestType::Call,
            Self::Publish(_) => RequestType::Publish,
            Self::Subscribe(..) => RequestType::Subscribe,
            Self::Unsubscribe(_) => RequestType::Unsubscribe,
            Self::Register(..) => RequestType::Register,
            Self::Unregister(..) => RequestType::Unregister,
        }
    }

    /// Tells whoever waits that it has failed. Nobody may wait any more.
    pub(crate) fn fail(self, error: CallError) {
        match self {
            Self::Call(reply) | Self::Progressive(_, reply) => drop(reply.send(Err(error))),
            Self::Publish(reply) | Self::Subscribe(_, reply) | Self::Register(_, reply) => {
                drop(reply.send(Err(error)));
            }
            Self::Unsubscribe(reply) | Self::Unregister(_, reply) => drop(reply.send(Err(error))),
        }
    }

    pub(crate) fn refuse(self, error: RemoteError) {
        self.fail(error.into());
    }
}
