//! Progressive calls that were answered before their last message has come: what still comes of them is no new call.

use std::collections::VecDeque;

use wamp_proto::id::Id;

/// How many are remembered: the caller learns of the answer soon.
const MAX: usize = 1024;

/// The ids of calls of which the caller has announced more than was wanted.
#[derive(Debug, Default)]
pub(crate) struct CutShort(VecDeque<Id>);

impl CutShort {
    #[cold]
    pub(crate) fn add(&mut self, request: Id) {
        if self.0.len() == MAX {
            self.0.pop_front();
        }
        self.0.push_back(request);
    }

    /// Whether a CALL belongs to one of them, and is to be ignored. `more` if it is not the last one.
    #[inline]
    pub(crate) fn has(&mut self, request: Id, more: bool) -> bool {
        !self.0.is_empty() && self.find(request, more)
    }

    #[cold]
    fn find(&mut self, request: Id, more: bool) -> bool {
        let found = self.0.iter().position(|&it| it == request);
        if let Some(at) = found
            && !more
        {
            self.0.remove(at);
        }
        found.is_some()
    }
}
