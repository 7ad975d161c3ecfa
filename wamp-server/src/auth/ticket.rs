//! Tickets. WAMP, "Ticket-based Authentication".

use std::sync::Arc;

use wamp_proto::message::Secret;

use super::authenticator::Method;
use super::found::IntoFound;
use super::principal::Principal;
use crate::Session;

pub(crate) fn method<F, Fut>(find: F) -> Method
where
    F: Fn(Session, Secret) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoFound<Principal>> + Send + 'static,
{
    let find = Arc::new(find);
    Method::from_fn("ticket", move |mut exchange| {
        let find = Arc::clone(&find);
        async move {
            let ticket = exchange.ticket().await?;
            find(exchange.session().clone(), ticket).await.into_found()
        }
    })
}
