//! Whether peers are told who calls and who publishes.

use wamp_proto::uri;

use crate::handler::CallError;

/// Whether callees are told who calls, and subscribers who publishes.
///
/// WAMP, "Caller Identification" and "Publisher Identification".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disclosure {
    /// They are, always.
    Forced,
    /// They are if the caller or publisher wants it: `disclose_me`.
    #[default]
    OnRequest,
    /// They are not. Who wants it gets `wamp.error.option_disallowed.disclose_me`.
    Refused,
}

impl Disclosure {
    /// Whether a peer is disclosed that asks for it, or not, or whom a rule discloses.
    pub(crate) fn resolve(self, asked: bool, by_rule: bool) -> Result<bool, CallError> {
        match self {
            _ if by_rule => Ok(true),
            Self::Forced => Ok(true),
            Self::OnRequest => Ok(asked),
            Self::Refused if asked => Err(CallError::new(uri::OPTION_DISALLOWED_DISCLOSE_ME)
                .arg("this realm tells nobody who its peers are")),
            Self::Refused => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_comes_before_the_realm_and_that_before_the_peer() {
        let resolve = |policy: Disclosure, asked, by_rule| policy.resolve(asked, by_rule).ok();
        for asked in [false, true] {
            assert_eq!(resolve(Disclosure::Forced, asked, false), Some(true));
            assert_eq!(resolve(Disclosure::OnRequest, asked, false), Some(asked));
            for policy in [
                Disclosure::Forced,
                Disclosure::OnRequest,
                Disclosure::Refused,
            ] {
                assert_eq!(resolve(policy, asked, true), Some(true), "{policy:?}");
            }
        }
        assert_eq!(resolve(Disclosure::Refused, false, false), Some(false));
        let refused = Disclosure::Refused.resolve(true, false);
        let refused = refused.expect_err("it is refused");
        assert_eq!(refused.uri(), "wamp.error.option_disallowed.disclose_me");
    }
}
