//! Functions for any client: the same handlers and extractors as those of an application.

use std::sync::Arc;

use wamp_client::host::Callee;
use wamp_client::{CallError, Client, Registration};
use wamp_proto::message::Invocation;
use wamp_uri::Match;

use super::error::JoinError;
use super::host::{Host, Lease, Offered};
use super::offer::offer;
use super::pattern::covering;
use super::uplink::ClientUplink;
use crate::app::Error;
use crate::handler::Definition;
use crate::handler::function::Handler;
use crate::realm::upstream::Uplink;
use crate::{App, Server};

/// Offers functions by a client.
///
/// ```
/// use wamp_server::client::Builder;
/// use wamp_server::{App, Register as _, RouterOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let router = App::empty().router(RouterOptions::default()).build()?;
/// let client = Builder::over(router.connector()).connect().await?;
/// client.register("math.add", async |a: i64, b: i64| a + b).await?;
/// client.register("math.half", async |a: f64| a / 2.0).concurrency(4).await?;
/// assert_eq!(client.call("math.add").arg(2).arg(3).get::<i64>().await?, 5);
/// # Ok(())
/// # }
/// ```
///
/// A function that owns a clone of the client, to call others by it, keeps the client open until it is [closed](Client::close).
pub trait Register {
    /// Begins a registration of an async closure or function. `uri` may have `{captures}`, which make it a pattern.
    ///
    /// Who calls is told to the function if the router is asked for it: see
    /// [`disclose_caller`](wamp_client::Register::disclose_caller). Mistakes, such as a parameter that nobody supplies, are errors of the
    /// registration.
    #[track_caller]
    fn register<Signature>(
        &self,
        uri: impl Into<String>,
        handler: impl Handler<Signature>,
    ) -> wamp_client::Register;

    /// Registers annotated procedures; see [`procedures!`](crate::procedures). Those that take state are for an application:
    /// [`Server::join`].
    ///
    /// # Errors
    ///
    /// Mistakes of the functions, and what the router does not take.
    fn register_all(
        &self,
        definitions: impl IntoIterator<Item = &'static Definition> + Send,
    ) -> impl Future<Output = Result<Vec<Registration>, Error>> + Send;
}

impl Register for Client {
    #[track_caller]
    fn register<Signature>(
        &self,
        uri: impl Into<String>,
        handler: impl Handler<Signature>,
    ) -> wamp_client::Register {
        let uri = uri.into();
        let app = App::empty().procedure(uri.clone(), handler);
        match host(self, app) {
            Ok(host) => {
                let found = host.realm().inner().procedures.iter().next();
                let found = found.and_then(|it| covering(it));
                let (procedure, matching) = found.unwrap_or((uri, Match::Exact));
                let callee = Arc::new(Offered {
                    _lease: Some(Arc::new(Lease(Arc::clone(&host)))),
                    host,
                    procedure: procedure.clone().into(),
                });
                self.register_callee(procedure, callee).matching(matching)
            }
            Err(error) => {
                let mistake = CallError::Invalid(error.to_string());
                self.register_callee(uri, Arc::new(Nobody)).fail(mistake)
            }
        }
    }

    async fn register_all(
        &self,
        definitions: impl IntoIterator<Item = &'static Definition> + Send,
    ) -> Result<Vec<Registration>, Error> {
        let app = App::empty().procedures(definitions);
        let host = host(self, app)?;
        let lease = Arc::new(Lease(Arc::clone(&host)));
        let offers = offer(&host, self, Some(&lease)).await?;
        Ok(offers.into_registrations())
    }
}

/// What runs the functions of a client.
fn host(client: &Client, app: App) -> Result<Arc<Host>, Error> {
    let server: Server = app.build_to_join()?;
    let name = client.realm();
    let realm = server.realm(name).cloned();
    let realm = realm.ok_or_else(|| JoinError::NoSuchRealm(name.to_owned()))?;
    let uplink = Arc::new(ClientUplink::new(client));
    realm
        .inner()
        .upstream
        .open(Arc::clone(&uplink) as Arc<dyn Uplink>);
    Ok(Arc::new(Host::new(server, realm, name.into(), uplink)))
}

/// Stands where there is no function.
struct Nobody;

impl Callee for Nobody {
    fn invoke(&self, _: &wamp_client::host::Link, _: Invocation) {}

    fn interrupt(&self, _: &wamp_client::host::Link, _: &wamp_proto::message::Interrupt) {}
}
