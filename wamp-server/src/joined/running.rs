//! An invocation that is not answered.

use std::sync::Arc;

use wamp_proto::id::Id;
use wamp_proto::message::CancelMode;

use super::inbox::Inbox;

/// Who answers it.
pub(super) struct Running {
    pub(super) peer: Option<Id>,
    pub(super) inbox: Arc<Inbox>,
    canceled: Option<CancelMode>,
}

impl Running {
    pub(super) fn new(peer: Option<Id>, inbox: Arc<Inbox>) -> Self {
        Self {
            peer,
            inbox,
            canceled: None,
        }
    }

    /// Whether that it is canceled is news. A router that says the same again and again, to a session that does not get to read it, would
    /// fill the memory.
    pub(super) fn cancel(&mut self, mode: CancelMode) -> bool {
        let is_news = force(self.canceled) < force(Some(mode));
        if is_news {
            self.canceled = Some(mode);
        }
        is_news
    }
}

fn force(mode: Option<CancelMode>) -> u8 {
    match mode {
        None => 0,
        Some(CancelMode::Skip) => 1,
        Some(CancelMode::Kill) => 2,
        Some(CancelMode::KillNoWait) => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stronger_way_of_canceling_is_news() {
        let mut running = Running::new(None, Arc::new(Inbox::new(1, 1)));
        let modes = [
            (CancelMode::Kill, true),
            (CancelMode::Kill, false),
            (CancelMode::Skip, false),
            (CancelMode::KillNoWait, true),
            (CancelMode::Kill, false),
            (CancelMode::KillNoWait, false),
        ];
        for (mode, is_news) in modes {
            assert_eq!(running.cancel(mode), is_news, "{mode:?}");
        }
    }
}
