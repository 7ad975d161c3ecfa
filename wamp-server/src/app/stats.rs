//! What a server counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// Writes the counters once for counting and once for reading.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $name: Counter,)*
        }

        /// How often something has happened since the server was built; see [`Server::stats`](crate::Server::stats).
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            /// Connections that are open now.
            pub connections: usize,
            /// Sessions that are open now.
            pub sessions: usize,
            /// Handlers that are waiting for something now.
            pub running_handlers: usize,
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            pub(crate) fn read(&self) -> Stats {
                Stats { $($name: self.$name.get(),)* ..Stats::default() }
            }
        }
    };
}

counters! {
    /// Upgrade requests that were refused.
    refused_upgrades,
    /// RawSocket handshakes that were refused.
    refused_rawsockets,
    /// TLS handshakes that failed.
    failed_tls_handshakes,
    /// Sessions that were opened.
    opened_sessions,
    /// Authentications that failed because of what the client came with.
    failed_authentications,
    /// Requests that were refused because the session may not do that.
    unauthorized_requests,
    /// Calls that were accepted.
    calls,
    /// Calls that failed.
    failed_calls,
    /// Events that clients published and nobody handles, or nobody could.
    dropped_publications,
    /// Events that were left out because a subscriber that allows it did not read.
    dropped_events,
    /// Messages that were not sent because they are longer than the client takes: an event is left out, a call fails.
    oversized_messages,
    /// Handlers that panicked, and [stores of events](crate::history::EventStore).
    panics,
    /// Sessions that were ended because of a violation of the protocol.
    violations,
    /// Connections that were ended because the client sent too much, too fast or too slowly, or had too many of them at once.
    limits_hit,
    /// Connections that were ended because the client did not read.
    slow_consumers,
    /// Connections that were ended because the client gave no sign of life.
    lost_peers,
    /// Calls that took too long.
    timeouts,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    #[inline]
    pub(crate) fn count(&self) {
        self.add(1);
    }

    pub(crate) fn add(&self, many: u64) {
        self.0.fetch_add(many, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
