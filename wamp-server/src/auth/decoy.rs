//! What somebody is asked who does not exist.

/// Makes questions for unknown users that look like those for known ones.
#[derive(Debug)]
pub(crate) struct Decoys {}

impl Decoys {
    pub(super) fn new() -> Self {
        Self {}
    }
}
