//! A method of the shop's own: a ticket, then a number from a list on paper, of which each is asked for once.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use wamp_server::CallError;
use wamp_server::auth::{Authenticator, Exchange, Principal};
use wamp_server::proto::message::details::ChallengeExtra;

/// Carl's list.
const NUMBERS: [&str; 4] = ["2580", "7391", "4186", "9027"];

/// Knows how far the list has been used up.
#[derive(Default)]
pub(crate) struct TicketAndNumber {
    next: AtomicUsize,
}

impl Authenticator for TicketAndNumber {
    fn method(&self) -> &str {
        "ticket-and-number"
    }

    async fn authenticate(&self, mut exchange: Exchange) -> Result<Option<Principal>, CallError> {
        let is_carl = exchange.authid() == Some("carl");
        let ticket = exchange.ticket().await?;
        if !(ticket.is_same("sesame") & is_carl) {
            return Ok(None);
        }
        let place = self.next.fetch_add(1, Relaxed);
        let Some(number) = NUMBERS.get(place) else {
            return Err(CallError::new("shop.error.list_used_up").arg("you need a new list"));
        };
        let question = ChallengeExtra {
            challenge: Some(format!("number {}?", place + 1).into()),
            ..ChallengeExtra::default()
        };
        let answer = exchange.challenge_as("number", question).await?.signature;
        Ok(answer
            .is_same(number)
            .then(|| Principal::new("carl", "clerk")))
    }
}
