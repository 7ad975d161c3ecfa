//! For those who test their applications: clients in the same process, without sockets.
//!
//! ```
//! use std::time::Duration;
//! use wamp_server::test::TestRealm;
//! use wamp_server::{App, Realm, RouterOptions, procedure, procedures};
//!
//! #[procedure("docs.rename")]
//! async fn rename(document_id: u64, name: String, realm: &Realm) -> Result<String, wamp_server::CallError> {
//!     realm.publish("docs.renamed", (document_id, &name))?;
//!     Ok(name)
//! }
//!
//! # fn main() {
//! #[tokio::test(start_paused = true)]
//! # async fn unused() {}
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! async fn renaming_is_told_to_others() {
//!     let realm = TestRealm::new(App::empty().procedures(procedures![rename]).router(RouterOptions::new()));
//!     let (ann, bob) = (realm.client().await, realm.client().await);
//!     bob.listen("docs.renamed").await;
//!     let name: String = ann.call("docs.rename").arg(7).arg("Plan").get().await.unwrap();
//!     assert_eq!(name, "Plan");
//!     let event = bob.expect_event("docs.renamed", Duration::from_secs(1)).await;
//!     assert_eq!(event.decode::<(u64, String)>().unwrap(), (7, "Plan".to_owned()));
//!     ann.assert_wire([r#"→ [48,1,{},"docs.rename",[7,"Plan"]]"#, r#"← [50,1,{},["Plan"]]"#]);
//! }
//! # renaming_is_told_to_others();
//! # }
//! ```
//!
//! - [`TestRealm`]: an application and its clients. Waits for sessions, registrations and subscriptions.
//! - [`TestClient`]: a [`Client`](wamp_client::Client) that also [expects events](TestClient::expect_event), shows [what was said](TestClient::wire),
//!   and whose connection can be [disturbed](Faults). [`ClientOptions`]: which one it is.
//! - [`RawClient`]: a connection for messages that are [written by hand](RawClient::send). [`Hand`]: the same on the session of a client.
//! - [`TestRouter`]: a server on a free port, for clients in other processes.
//!
//! Nothing here looks again and again whether something has happened yet, and there is nothing that does it for conditions of your own: wait
//! for what makes them true, an event, a result, a channel.
//!
//! # Procedures
//!
//! Call them. Errors are values: [`CallError::uri`](wamp_client::CallError::uri), [`remote`](wamp_client::CallError::remote).
//!
//! ```
//! # use wamp_server::App;
//! # use wamp_server::test::TestRealm;
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let realm = TestRealm::new(App::empty().procedure("math.add", async |a: i64, b: i64| a + b));
//! let client = realm.client().await;
//! let error = client.call("math.add").arg("two").await.unwrap_err();
//! assert_eq!(error.uri(), Some("wamp.error.invalid_argument"));
//! # }
//! ```
//!
//! What a client of the test offers to the application, or to other clients of a router, is a function:
//!
//! ```
//! # use wamp_server::{App, RouterOptions, client::CallError};
//! # use wamp_server::test::TestRealm;
//! use wamp_server::Register as _;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), CallError> {
//! let realm = TestRealm::new(App::empty().router(RouterOptions::new()));
//! let (callee, caller) = (realm.client().await, realm.client().await);
//! callee.register("math.add", async |a: i64, b: i64| a + b).await?;
//! assert_eq!(caller.call("math.add").args((2, 3)).get::<i64>().await?, 5);
//! # Ok(())
//! # }
//! ```
//!
//! An application that [joins](crate::App::join_with) a router is tested with one in the same process:
//! `Builder::over(realm.server().connector())`, then [`wait_for_registration`](TestRealm::wait_for_registration).
//!
//! # Topics
//!
//! [`listen`](TestClient::listen) before something is published, [`expect_event`](TestClient::expect_event) after. Where a client does so at a
//! time of its own, [`wait_for_subscription`](TestRealm::wait_for_subscription).
//!
//! # Who comes in
//!
//! ```
//! # use wamp_server::App;
//! # use wamp_server::auth::Principal;
//! # use wamp_server::client::{ConnectError, Credentials};
//! # use wamp_server::test::{ClientOptions, TestRealm};
//! # use wamp_server::Session;
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), ConnectError> {
//! let app = App::empty().ticket(async |_: Session, ticket: wamp_server::proto::message::Secret| {
//!     ticket.is_same("secret").then(|| Principal::new("joe", "user"))
//! });
//! let realm = TestRealm::new(app);
//! let joe = |ticket: &str| ClientOptions::new().credentials(Credentials::new().authid("joe").ticket(ticket));
//! let client = realm.client_as(joe("secret")).await?;
//! let refused = realm.client_as(joe("guess")).await.unwrap_err();
//! assert!(matches!(refused, ConnectError::Abort { .. }), "{refused}");
//! # Ok(())
//! # }
//! ```
//!
//! # Connections that break
//!
//! ```
//! # use wamp_server::App;
//! # use wamp_server::test::TestRealm;
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! # let realm = TestRealm::new(App::empty().procedure("math.add", async |a: i64, b: i64| a + b));
//! let client = realm.client().await;
//! client.faults().disconnect();
//! realm.wait_for_sessions(0).await;
//! client.wait_for_session().await;
//! assert_eq!(client.call("math.add").args((2, 3)).get::<i64>().await.unwrap(), 5);
//! # }
//! ```
//!
//! # Patterns
//!
//! Where a message is compared with what it should be like, that is written as JSON, whatever the client's serializer, maybe after an arrow. `*`
//! stands for any one value, such as a random id; `...` (or `…`) for all other elements of a list or dict.
//!
//! ```text
//! → [48,1,{},"math.add",[2,3]]           what the client has sent; → is also written ->
//! ← [50,1,{},[5]]                        what it has received; ← is also written <-
//! ← [2,*,{"authid":"joe",...}]           WELCOME with any id, and more in its details
//! [8,48,1,{},"wamp.error.timeout",...]   either way; with arguments or without
//! ```

mod bell;
mod client;
mod diff;
mod events;
mod faults;
mod hand;
mod line;
mod log;
mod message;
mod options;
mod pattern;
mod raw;
mod realm;
mod router;
mod rule;
mod state;
mod tap;
mod waiting;

use std::time::Duration;

pub use client::TestClient;
pub use faults::{Chosen, Faults};
pub use hand::Hand;
pub use message::{Direction, WireMessage};
pub use options::ClientOptions;
pub use raw::RawClient;
pub use realm::TestRealm;
pub use router::TestRouter;

/// How long is waited for what nobody has said a time for. Nothing that works takes so long; with paused time it takes no time at all.
const PATIENCE: Duration = Duration::from_secs(5);
