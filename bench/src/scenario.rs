//! What is measured.

use crate::load::{Callees, Calls, Crowd, FanOut, Matching, Procedure, Routed, Serializer};
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
    /// Calls, by every server that answers them in that serializer.
    Calls(Calls, Serializer),
    /// Calls by this project's client, to its server.
    Client(Calls),
    /// The same calls to handlers of several kinds, by WAMP servers.
    Handlers(&'static [Calls]),
    /// Events, by WAMP servers.
    FanOut(FanOut),
    /// Sessions that do nothing, by every server but routers.
    Idle {
        /// How many, if that many files may be open.
        sessions: usize,
    },
    /// Calls from clients to clients, by routers.
    Routed(Routed),
    /// Events from clients to clients, by routers.
    ClientFanOut(FanOut),
    /// Calls from clients to clients, beside other registrations.
    CrowdedCalls(Routed, &'static [Crowd]),
    /// Events from clients to clients, beside other subscriptions.
    CrowdedFanOut(FanOut, &'static [Crowd]),
}

impl Scenario {
    /// Whether `server` can do what is measured.
    pub fn suits(&self, server: Server) -> bool {
        match self.load {
            Load::Calls(_, serializer) => {
                !server.is_router() && server.dialect(serializer).is_some()
            }
            Load::Client(_) | Load::Handlers(_) | Load::FanOut(_) => server.is_wamp(),
            Load::Idle { .. } => !server.is_router(),
            Load::Routed(_) | Load::ClientFanOut(_) => server.is_router(),
            Load::CrowdedCalls(..) | Load::CrowdedFanOut(..) => server.is_router(),
        }
    }
}

impl Load {
    /// Whether there is always something to do for the server.
    pub fn saturates(&self) -> bool {
        match self {
            Self::Calls(calls, _)
            | Self::Client(calls)
            | Self::Routed(Routed { calls, .. })
            | Self::CrowdedCalls(Routed { calls, .. }, _) => {
                // On one connection the two ends take turns.
                calls.connections > 1 && calls.connections * calls.in_flight >= 16
            }
            Self::Handlers(_) => true,
            Self::FanOut(fan_out)
            | Self::ClientFanOut(fan_out)
            | Self::CrowdedFanOut(fan_out, _) => fan_out.window > 1,
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
        name: "one-connection",
        title: "add2, JSON: 1 connection, 64 calls in flight",
        load: Load::Calls(calls(1, 64, Procedure::Add2), Serializer::Json),
    },
    Scenario {
        name: "one-client",
        title: "the same by this project's client, instead of the load generator",
        load: Load::Client(calls(1, 64, Procedure::Add2)),
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
    Scenario {
        name: "routed-latency",
        title: "add2 from client to client, JSON: 1 caller, 1 callee, 1 call in flight",
        load: Load::Routed(Routed {
            calls: calls(1, 1, Procedure::Add2),
            ..ROUTED
        }),
    },
    Scenario {
        name: "routed-json",
        title: "add2 from client to client, JSON: 8 callers, 64 calls in flight each, 1 callee",
        load: Load::Routed(ROUTED),
    },
    Scenario {
        name: "routed-msgpack",
        title: "the same, MsgPack",
        load: Load::Routed(Routed {
            callers_speak: Serializer::MsgPack,
            callees_speak: Serializer::MsgPack,
            ..ROUTED
        }),
    },
    Scenario {
        name: "routed-mixed",
        title: "the same, callers with JSON, the callee with MsgPack",
        load: Load::Routed(Routed {
            callees_speak: Serializer::MsgPack,
            ..ROUTED
        }),
    },
    Scenario {
        name: "routed-8-callees",
        title: "the same, JSON: 8 callees with a procedure each",
        load: Load::Routed(Routed {
            callees: Callees::Own(8),
            ..ROUTED
        }),
    },
    Scenario {
        name: "routed-shared",
        title: "the same, JSON: 8 callees that take turns",
        load: Load::Routed(Routed {
            callees: Callees::Shared(8),
            ..ROUTED
        }),
    },
    Scenario {
        name: "routed-echo-1k",
        title: "echo of 1 KiB from client to client, JSON: 8 callers, 16 calls in flight each, 1 callee",
        load: Load::Routed(Routed {
            calls: calls(8, 16, Procedure::Echo(1024)),
            ..ROUTED
        }),
    },
    Scenario {
        name: "client-fan-out-100",
        title: "events of 64 bytes from a client to 100 others, JSON: 4 publications on their way",
        load: Load::ClientFanOut(FanOut {
            subscribers: 100,
            window: 4,
        }),
    },
    Scenario {
        name: "client-fan-out-1000",
        title: "events of 64 bytes from a client to 1,000 others, JSON: 2 publications on their way",
        load: Load::ClientFanOut(FanOut {
            subscribers: 1000,
            window: 2,
        }),
    },
    Scenario {
        name: "crowded-calls",
        title: "routed-json beside other registrations",
        load: Load::CrowdedCalls(ROUTED, CROWDS),
    },
    Scenario {
        name: "crowded-fan-out",
        title: "client-fan-out-100 beside other subscriptions",
        load: Load::CrowdedFanOut(
            FanOut {
                subscribers: 100,
                window: 4,
            },
            CROWDS,
        ),
    },
];

/// The first is what the others are compared with.
const CROWDS: &[Crowd] = &[
    Crowd {
        size: 10,
        matching: Matching::Exact,
    },
    Crowd {
        size: 1_000_000,
        matching: Matching::Exact,
    },
    Crowd {
        size: 1_000_000,
        matching: Matching::Prefix,
    },
    Crowd {
        size: 1_000_000,
        matching: Matching::Wildcard,
    },
];

/// What most scenarios for routers are.
const ROUTED: Routed = Routed {
    calls: calls(8, 64, Procedure::Add2),
    callers_speak: Serializer::Json,
    callees_speak: Serializer::Json,
    callees: Callees::Own(1),
};

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
