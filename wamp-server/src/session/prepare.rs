//! What a call gets besides its arguments.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wamp_proto::message::details::CallOptions;
use wamp_proto::payload::Payload;

use super::access::Permit;
use super::open::OpenSession;
use crate::handler::call::{Extras, LastProgress, Reports, Token};
use crate::handler::registered::Registered;

/// The ends of what a handler was given that we keep.
#[derive(Default)]
pub(super) struct Controls {
    pub(super) progress: Option<Reports>,
    pub(super) token: Option<CancellationToken>,
    pub(super) input: Option<mpsc::Sender<Payload>>,
}

impl OpenSession {
    /// What only some calls have, for the handler and for us.
    pub(super) fn prepare(
        &self,
        options: CallOptions,
        target: &Registered,
        permit: &Permit,
        now: Instant,
    ) -> (Option<Box<Extras>>, Controls) {
        let mut controls = Controls::default();
        let plain = options == CallOptions::default() && !target.needs.any() && permit.is_plain();
        if plain {
            return (None, controls);
        }
        let progress = options
            .receive_progress
            .then(|| Arc::new(LastProgress::new(now)));
        controls.progress = progress.clone().map(Reports);
        let is_told = target.needs.token || permit.is_asking();
        controls.token = is_told.then(CancellationToken::new);
        let mut input = None;
        if options.progress {
            let (sender, receiver) = mpsc::channel(self.shared.limits.max_waiting_input);
            controls.input = Some(sender);
            input = Some(receiver);
        }
        let mut extras = Extras {
            options,
            progress,
            token: controls
                .token
                .clone()
                .map(|token| Box::new(move || token.clone()) as Token),
            input: Mutex::new(input),
            reporter: OnceLock::new(),
            ..Extras::default()
        };
        permit.tell(&mut extras);
        (Some(Box::new(extras)), controls)
    }

    /// The caller's timeout and the handler's own, whichever is shorter. Zero means that the caller has none.
    ///
    /// The handler's own time begins when it does: until the authorizer has agreed, nothing tells that there is one.
    pub(super) fn timeout(
        &self,
        options: &CallOptions,
        target: &Registered,
        asking: bool,
    ) -> Option<Duration> {
        let own = target.timeout.map(|own| match asking {
            true => own.saturating_add(self.shared.limits.authorizer_timeout),
            false => own,
        });
        let asked = self.shared.limits.call_timeout(options);
        match (asked, own) {
            (Some(asked), Some(own)) => Some(asked.min(own)),
            (asked, own) => asked.or(own),
        }
    }
}
