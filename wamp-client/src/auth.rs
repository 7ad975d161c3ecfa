//! How a client proves who it is.

use wamp_proto::message::details::{HelloDetails, WelcomeDetails};
use wamp_proto::message::{Authenticate, Challenge};

use crate::error::ConnectError;

/// What a client can prove itself with.
#[derive(Clone, Debug, Default)]
pub struct Credentials;

pub(crate) struct Attempt;

impl Credentials {
    pub(crate) fn start(&self, _: Option<[u8; 32]>) -> Result<Attempt, ConnectError> {
        Ok(Attempt)
    }
}

impl Attempt {
    pub(crate) fn hello(&mut self, _: &mut HelloDetails) {}

    pub(crate) async fn answer(&mut self, _: &Challenge) -> Result<Authenticate, ConnectError> {
        Err(ConnectError::Auth(
            "there is nothing to prove with".to_owned(),
        ))
    }

    pub(crate) fn verify(&mut self, _: &WelcomeDetails) -> Result<(), ConnectError> {
        Ok(())
    }
}
