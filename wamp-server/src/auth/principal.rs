//! Who a peer turned out to be.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use bytestring::ByteString;
use serde::Serialize;
use wamp_proto::payload::PayloadBuilder;

/// What authentication gives: who the peer is, and what its rights follow from.
///
/// ```
/// use wamp_server::auth::Principal;
///
/// struct User {
///     number: u64,
/// }
///
/// let principal = Principal::new("joe", "customer")
///     .provider("shop")
///     .extra("theme", "dark") // told to the peer in WELCOME
///     .identity(User { number: 7 }); // seen by handlers as `Identity<'_, User>`
/// ```
///
/// The WAMP specification, "Authentication": `authid`, `authrole`, `authprovider` and `authextra` of WELCOME.
#[derive(Clone)]
#[must_use]
pub struct Principal {
    pub(crate) id: ByteString,
    pub(crate) role: ByteString,
    /// `None`: as where it was found says.
    pub(crate) provider: Option<ByteString>,
    /// `None`: as the method that found it is called.
    pub(crate) method: Option<ByteString>,
    pub(crate) extra: PayloadBuilder,
    pub(crate) identity: Option<Arc<dyn Any + Send + Sync>>,
}

impl Principal {
    /// A principal with this `authid`, in this `authrole`.
    pub fn new(id: impl Into<ByteString>, role: impl Into<ByteString>) -> Self {
        Self {
            id: id.into(),
            role: role.into(),
            provider: None,
            method: None,
            extra: PayloadBuilder::new(),
            identity: None,
        }
    }

    /// Who knows it, as `authprovider` tells. Without this, `static` for [`Principals`](super::Principals) and `dynamic` for all others.
    pub fn provider(mut self, provider: impl Into<ByteString>) -> Self {
        self.provider = Some(provider.into());
        self
    }

    pub(super) fn or_provider(mut self, provider: &'static str) -> Self {
        let provider = ByteString::from_static(provider);
        self.provider.get_or_insert(provider);
        self
    }

    /// Who knows it.
    pub(crate) fn known_by(&self) -> ByteString {
        let unsaid = ByteString::from_static("dynamic");
        self.provider.clone().unwrap_or(unsaid)
    }

    /// How it was found out, as `authmethod` tells; without this, the name of the method that was used.
    pub fn method(mut self, method: impl Into<ByteString>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Adds an entry to `authextra`, which tells the peer more about itself.
    ///
    /// A value that cannot be serialized is logged and left out, with all others.
    pub fn extra(mut self, key: &str, value: impl Serialize) -> Self {
        self.extra.kwarg(key, &value);
        self
    }

    /// The application's own idea of who this is. Handlers take it as [`Identity<'_, T>`](crate::Identity).
    pub fn identity<T: Send + Sync + 'static>(self, identity: T) -> Self {
        self.shared_identity(Arc::new(identity))
    }

    /// The same for a value that the application keeps too.
    pub fn shared_identity<T: Send + Sync + 'static>(mut self, identity: Arc<T>) -> Self {
        self.identity = Some(identity);
        self
    }
}

/// The identity and `authextra` may hold secrets and are left out.
impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("id", &self.id)
            .field("role", &self.role)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}
