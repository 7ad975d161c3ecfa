//! What is measured.

use crate::load::{Calls, FanOut, Procedure, Serializer};
use crate::servers::Server;

/// A table of the report.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is, for the reader.
    pub title: &'static str,
    /// What it does.
    pub load: Load,
}

/// The kinds of load.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// Calls, by every server that speaks the serializer.
    Calls(Calls, Serializer),
    /// The same calls to handlers of several kinds, by WAMP servers.
    Handlers(&'static [Calls]),
    /// Events, by WAMP servers.
    FanOut(FanOut),
    /// Sessions that do nothing, by every server.
    Idle {
        /// How many, if that many files may be open.
        sessions: usize,
    },
}

impl Scenario {
    /// Whether `server` can do what is measured.
    pub fn suits(&self, server: Server) -> bool {
        match self.load {
            Load::Calls(_, serializer) => server.dialect(serializer).is_some(),
            Load::Handlers(_) | Load::FanOut(_) => server.is_wamp(),
            Load::Idle { .. } => true,
        }
    }
}

impl Load {
    /// Whether there is always something to do for the server.
    pub fn saturates(&self) -> bool {
        match self {
            Self::Calls(calls, _) => calls.connections * calls.in_flight >= 16,
            Self::Handlers(_) | Self::FanOut(_) => true,
            Self::Idle { .. } => false,
        }
    }
}

/// All scenarios, in the order of the report.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "latency",
        title: "add2, JSON: 1 connection, 1 call in flight",
        load: Load::Calls(calls(1, 1, Procedure::Add2), Serializer::Json),
    },
    Scenario {
        name: "add2-json",
        title: "add2, JSON: 8 connections, 64 calls in flight each",
        load: Load::Calls(calls(8, 64, Procedure::Add2), Serializer::Json),
    },
    Scenario {
        name: "add2-msgpack",
        title: "add2, MsgPack: 8 connections, 64 calls in flight each",
        load: Load::Calls(calls(8, 64, Procedure::Add2), Serializer::MsgPack),
    },
    Scenario {
        name: "add2-cbor",
        title: "add2, CBOR: 8 connections, 64 calls in flight each",
        load: Load::Calls(calls(8, 64, Procedure::Add2), Serializer::Cbor),
    },
    Scenario {
        name: "unbatched",
        title: "add2, JSON: 64 connections, 1 call in flight each",
        load: Load::Calls(calls(64, 1, Procedure::Add2), Serializer::Json),
    },
    Scenario {
        name: "echo-1k",
        title: "echo of 1 KiB, JSON: 8 connections, 16 calls in flight each",
        load: Load::Calls(calls(8, 16, Procedure::Echo(1024)), Serializer::Json),
    },
    Scenario {
        name: "echo-64k",
        title: "echo of 64 KiB, JSON: 4 connections, 4 calls in flight each",
        load: Load::Calls(calls(4, 4, Procedure::Echo(64 * 1024)), Serializer::Json),
    },
    Scenario {
        name: "fan-out-100",
        title: "events of 64 bytes to 100 subscribers, JSON: 4 publications on their way",
        load: Load::FanOut(FanOut {
            subscribers: 100,
            window: 4,
        }),
    },
    Scenario {
        name: "fan-out-1000",
        title: "events of 64 bytes to 1,000 subscribers, JSON: 2 publications on their way",
        load: Load::FanOut(FanOut {
            subscribers: 1000,
            window: 2,
        }),
    },
    Scenario {
        name: "idle",
        title: "10,000 sessions that do nothing",
        load: Load::Idle { sessions: 10_000 },
    },
    Scenario {
        name: "handlers",
        title: "kinds of handlers, JSON: 8 connections, 64 calls in flight each",
        load: Load::Handlers(&[
            calls(8, 64, Procedure::Add2),
            calls(8, 64, Procedure::Wait2),
            calls(8, 64, Procedure::State2),
            calls(8, 64, Procedure::Five),
        ]),
    },
];

/// The scenarios whose names are, or begin with, one of `names`; all of them if there are no names.
pub fn choose(names: &[String]) -> impl Iterator<Item = &'static Scenario> {
    SCENARIOS.iter().filter(move |scenario| {
        names.is_empty()
            || names
                .iter()
                .any(|name| scenario.name.starts_with(name.as_str()))
    })
}

const fn calls(connections: usize, in_flight: usize, procedure: Procedure) -> Calls {
    Calls {
        connections,
        in_flight,
        procedure,
    }
}
