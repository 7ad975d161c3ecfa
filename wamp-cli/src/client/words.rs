//! Words of the protocol on the command line.

use clap::ValueEnum;
use wamp_client::{CancelMode, Invoke, Match};

use crate::value::Word;

/// How a URI is compared with others.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum MatchWord {
    /// All of it
    #[default]
    Exact,
    /// It is how others begin
    Prefix,
    /// Components that are empty stand for any
    Wildcard,
}

impl From<MatchWord> for Match {
    fn from(word: MatchWord) -> Self {
        match word {
            MatchWord::Exact => Self::Exact,
            MatchWord::Prefix => Self::Prefix,
            MatchWord::Wildcard => Self::Wildcard,
        }
    }
}

/// Which of several callees is called.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum InvokeWord {
    Single,
    Roundrobin,
    Random,
    First,
    Last,
}

impl From<InvokeWord> for Invoke {
    fn from(word: InvokeWord) -> Self {
        match word {
            InvokeWord::Single => Self::Single,
            InvokeWord::Roundrobin => Self::RoundRobin,
            InvokeWord::Random => Self::Random,
            InvokeWord::First => Self::First,
            InvokeWord::Last => Self::Last,
        }
    }
}

/// What becomes of a call that nobody waits for any more.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CancelWord {
    Skip,
    Kill,
    Killnowait,
}

impl From<CancelWord> for CancelMode {
    fn from(word: CancelWord) -> Self {
        match word {
            CancelWord::Skip => Self::Skip,
            CancelWord::Kill => Self::Kill,
            CancelWord::Killnowait => Self::KillNoWait,
        }
    }
}

/// An option of one's own: `_name=value`.
pub(crate) fn custom_option(text: &str) -> Result<(String, Word), String> {
    let (name, value) = crate::value::pair(text)?;
    match name.starts_with('_') {
        true => Ok((name, value)),
        false => Err("the name of an option of your own begins with an underscore".to_owned()),
    }
}
