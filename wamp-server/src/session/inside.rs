//! Sessions that the server itself is the peer of: what it calls and runs needs one to answer to.

use std::sync::{Arc, LazyLock};

use wamp_proto::codec::Format;
use wamp_proto::message::details::HelloDetails;
use wamp_proto::message::{Feature, Features, Roles};

use super::{Session, SessionParts};
use crate::auth::Principal;
use crate::realm::Realm;
use crate::transport::TransportInfo;

/// How such a session is authenticated.
const INTERNAL: &str = "internal";

/// What all of them come in by, and nobody else.
static TRANSPORT: LazyLock<Arc<TransportInfo>> = LazyLock::new(Arc::default);

impl Session {
    /// A session that nobody sees: it is in no table, has joined nothing, and nobody is told of it. Whoever made it ends it.
    pub(crate) fn inside(realm: &Realm) -> Self {
        let session = Self::new(SessionParts {
            id: realm.inner().shared.random_id(),
            realm: realm.clone(),
            realm_name: realm.name().unwrap_or_default().into(),
            format: Format::Cbor,
            hello: Box::new(hello()),
            transport: Arc::clone(&TRANSPORT),
            max_message: usize::MAX,
            guest: None,
        });
        // It has neither name nor role, so nothing that is for somebody is for it by mistake.
        session.authenticated(Principal::new("", "").provider(INTERNAL).method(INTERNAL));
        session
    }

    /// Whether this is such a session. How somebody is authenticated tells nothing: authenticators choose names as they like.
    pub(crate) fn is_inside(&self) -> bool {
        Arc::ptr_eq(&self.inner.transport, &TRANSPORT)
    }
}

fn hello() -> HelloDetails {
    let caller = Features::from([
        Feature::ProgressiveCallResults,
        Feature::CallTimeout,
        Feature::CallCanceling,
        Feature::PayloadPassthruMode,
    ]);
    HelloDetails {
        roles: Roles {
            caller: Some(caller),
            ..Roles::default()
        },
        ..HelloDetails::default()
    }
}
