//! What one peer, and all peers together, may take.

use std::time::Duration;

use tokio::sync::Semaphore;
use wamp_proto::message::details::CallOptions;

use crate::app::Problem;

/// Bounds on everything that the network can ask for. Every one has a finite default.
///
/// A breach is always visible: the peer gets an answer (an HTTP status, an ERROR, an ABORT or a close code), the log an event, and
/// [`Server::stats`](crate::Server::stats) counts it. RawSocket has no close codes: an ABORT `wamp.error.payload_size_exceeded` stands for
/// 1009 there, and `wamp.error.limit_exceeded` for 1008.
///
/// What a router keeps has bounds elsewhere: [`Retention`](crate::Retention), the [stores](crate::history) of the history; a session has at most
/// 64 testaments of 64 KiB together, and `wamp.subscription.get_events` gives at most 1,000 events and about 1 MiB at once.
///
/// What wildcard patterns cost is how differently their empty components are placed: `a..b` and `c..d` are of one kind, `a..` is of
/// another. Of what clients are subscribed to in one realm there are at most 1,024 kinds, of what they register as many, those of the
/// application's own patterns included; then only patterns of these kinds are taken, and others get ERROR `wamp.error.limit_exceeded`.
/// The application's own are not bounded.
///
/// Two bounds are part of the protocol's grammar and not configurable: values are nested at most
/// [`MAX_DEPTH`](wamp_proto::codec::MAX_DEPTH) levels deep, and URIs have at most [`MAX_LEN`](wamp_uri::MAX_LEN) bytes and
/// [`MAX_COMPONENTS`](wamp_uri::MAX_COMPONENTS) components.
///
/// ```
/// use wamp_server::{App, Limits};
///
/// let app = App::empty().limits(Limits { max_message: 64 * 1024, ..Limits::default() });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "made for struct update syntax with `..Limits::default()`"
)]
pub struct Limits {
    /// Connections at once; further ones get HTTP 503, or RawSocket's error 4. Default 10,000.
    pub max_connections: usize,
    /// Connections at once whose session is not open yet. Default 1,024; further ones are dropped when they are accepted, or get HTTP 503
    /// where the server is mounted elsewhere.
    pub max_unauthenticated: usize,
    /// The same for one peer: an IPv4 address, or a /64 of IPv6. Behind a trusted proxy it counts for the address that the proxy tells;
    /// all clients of which it tells none count together as the proxy. Default 64; dropped, or HTTP 503.
    pub max_unauthenticated_per_peer: usize,
    /// Time from TCP accept to the answer of the HTTP upgrade, TLS included. Default 5 s; the connection is dropped.
    pub handshake_timeout: Duration,
    /// Bytes of an HTTP request's head. Default 16 KiB, at least 8 KiB; HTTP 431.
    pub max_request_head: usize,
    /// Headers of an HTTP request. Default 64; HTTP 431.
    pub max_headers: usize,
    /// Time for HELLO after the connection is open. Default 5 s; ABORT. After GOODBYE there is as much for a new one; then the connection
    /// is just closed.
    pub hello_timeout: Duration,
    /// Time for the session handlers and authentication, from HELLO to WELCOME. Default 15 s; ABORT.
    pub welcome_timeout: Duration,
    /// Time for the answer to a CHALLENGE. Default 10 s; ABORT.
    pub authenticate_timeout: Duration,
    /// Time for an authorizer to decide. Default 10 s; ERROR `wamp.error.authorization_failed`.
    pub authorizer_timeout: Duration,
    /// Authentications from one address that may fail in a minute, or be undecided at once. Default 10, at least 1. Further ones wait
    /// until one of those succeeds, or for their turn; see `auth_failure_pause`. Addresses of IPv6 are taken together by 64 bits. Behind a
    /// trusted proxy that tells no address, the proxy's own counts.
    pub max_auth_failures: u32,
    /// Time between two turns of those that wait. Default 1 s. Who has not had a turn after a third of `welcome_timeout` gets an ABORT.
    pub auth_failure_pause: Duration,
    /// Bytes of a message before the session is open. Default 16 KiB; close code 1009.
    pub max_hello: usize,
    /// Bytes of one message, also of one frame. Default 1 MiB; close code 1009. RawSocket knows powers of two only, up to 16 MiB: there
    /// it is rounded down.
    pub max_message: usize,
    /// Bytes that a client may send without completing a message: room for fragments, not for floods of them. Default twice
    /// `max_message` of the default and 64 KiB; close code 1008.
    pub max_without_message: usize,
    /// Time for one message to arrive completely. Default 30 s; close code 1008.
    pub message_timeout: Duration,
    /// Control frames (ping, pong) a second that a client may send, on average. Default 10; close code 1008.
    pub control_frames_per_second: u32,
    /// Control frames that a client may send at once. Default 100.
    pub control_frames_burst: u32,
    /// Bytes of the read buffer of each connection. Default 4 KiB: what an idle connection costs.
    pub read_buffer: usize,
    /// Messages that one connection handles before others get their turn, and no more of them than `outbound_soft` bytes. Default 256.
    pub batch: usize,
    /// Open calls of one session. Default 1,024; ERROR `wamp.error.limit_exceeded`.
    pub max_pending_calls: usize,
    /// Handlers running in the whole server. Default 8,192; ERROR `wamp.error.limit_exceeded`.
    pub max_running_handlers: usize,
    /// Blocking handlers running in the whole server. Default 64.
    pub max_blocking_handlers: usize,
    /// Blocking handlers waiting for their turn. Default 1,024; ERROR `wamp.error.unavailable`.
    pub max_waiting_handlers: usize,
    /// Messages of a progressive call that wait for its handler. Default 64; ERROR `wamp.error.limit_exceeded`.
    pub max_waiting_input: usize,
    /// Subscriptions of one session. Default 1,024; ERROR `wamp.error.limit_exceeded`.
    pub max_subscriptions: usize,
    /// Registrations of one session. Default 1,024; ERROR `wamp.error.limit_exceeded`.
    pub max_registrations: usize,
    /// Patterns among the subscriptions of one session, and among its registrations. Default 128; ERROR `wamp.error.limit_exceeded`.
    pub max_patterns: usize,
    /// Invocations that one session has not answered. Default 1,024; others are called instead, or the caller gets ERROR
    /// `wamp.error.no_available_callee`. A call with up to 64 KiB of arguments goes on to another callee when one declines, to 32 at most.
    pub max_invocations: usize,
    /// Bytes queued for a session at which it is read no further until it has read some of them. Default 1 MiB.
    pub outbound_soft: usize,
    /// Bytes queued for a session at which it is disconnected as a slow consumer. Default 4 MiB.
    pub outbound_hard: usize,
    /// Time without any progress in writing. Default 10 s; the connection is dropped.
    pub write_timeout: Duration,
    /// Time without a byte from the client after which it is pinged. Default 25 s.
    pub ping_interval: Duration,
    /// Time for the answer to a ping; any byte counts. Default 10 s; the connection is dropped.
    pub pong_timeout: Duration,
    /// Time for the client's half of a close handshake. Default 1 s.
    pub close_timeout: Duration,
    /// Time for the client's answer to GOODBYE. Default 5 s.
    pub goodbye_timeout: Duration,
    /// Time that a call may take, unless its handler says otherwise. Default 60 s; ERROR `wamp.error.timeout`.
    pub handler_timeout: Duration,
    /// Longest timeout that a caller may ask for; more is reduced to it. Default 24 h.
    pub max_call_timeout: Duration,
    /// Time that calls have to finish when the server shuts down. Default 25 s.
    pub shutdown_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            max_unauthenticated: 1024,
            max_unauthenticated_per_peer: 64,
            handshake_timeout: Duration::from_secs(5),
            max_request_head: 16 * 1024,
            max_headers: 64,
            hello_timeout: Duration::from_secs(5),
            welcome_timeout: Duration::from_secs(15),
            authenticate_timeout: Duration::from_secs(10),
            authorizer_timeout: Duration::from_secs(10),
            max_auth_failures: 10,
            auth_failure_pause: Duration::from_secs(1),
            max_hello: 16 * 1024,
            max_message: 1024 * 1024,
            max_without_message: 2 * 1024 * 1024 + 64 * 1024,
            message_timeout: Duration::from_secs(30),
            control_frames_per_second: 10,
            control_frames_burst: 100,
            read_buffer: 4 * 1024,
            batch: 256,
            max_pending_calls: 1024,
            max_running_handlers: 8192,
            max_blocking_handlers: 64,
            max_waiting_handlers: 1024,
            max_waiting_input: 64,
            max_subscriptions: 1024,
            max_registrations: 1024,
            max_patterns: 128,
            max_invocations: 1024,
            outbound_soft: 1024 * 1024,
            outbound_hard: 4 * 1024 * 1024,
            write_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(25),
            pong_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(1),
            goodbye_timeout: Duration::from_secs(5),
            handler_timeout: Duration::from_secs(60),
            max_call_timeout: Duration::from_secs(24 * 60 * 60),
            shutdown_timeout: Duration::from_secs(25),
        }
    }
}

/// Far more than anybody waits, and far less than a clock can count.
const MAX_DURATION: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

impl Limits {
    /// The time that a caller gives its call. Zero means that there is no limit.
    pub(crate) fn call_timeout(&self, options: &CallOptions) -> Option<Duration> {
        let asked = options.timeout.filter(|&millis| millis > 0)?;
        Some(Duration::from_millis(asked).min(self.max_call_timeout))
    }

    /// What cannot work.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        const MIB: usize = 1024 * 1024;
        let at_least = |name, value, min, reason| (name, value < min, reason);
        let sizes = [
            at_least(
                "max_connections",
                self.max_connections,
                1,
                "must be at least 1",
            ),
            at_least(
                "max_unauthenticated",
                self.max_unauthenticated,
                1,
                "must be at least 1",
            ),
            at_least(
                "max_unauthenticated_per_peer",
                self.max_unauthenticated_per_peer,
                1,
                "must be at least 1",
            ),
            at_least(
                "max_request_head",
                self.max_request_head,
                8 * 1024,
                "must be at least 8 KiB",
            ),
            at_least(
                "max_message",
                self.max_message,
                1024,
                "must be at least 1 KiB",
            ),
            (
                "max_message",
                self.max_message > 64 * MIB,
                "must be at most 64 MiB",
            ),
            at_least(
                "max_without_message",
                self.max_without_message,
                self.max_message.saturating_add(1),
                "must be more than `max_message`",
            ),
            at_least(
                "read_buffer",
                self.read_buffer,
                128,
                "must be at least 128 bytes",
            ),
            at_least("batch", self.batch, 1, "must be at least 1"),
            (
                "max_auth_failures",
                self.max_auth_failures < 1,
                "must be at least 1",
            ),
            at_least("outbound_soft", self.outbound_soft, 1, "must be at least 1"),
            at_least(
                "outbound_hard",
                self.outbound_hard,
                self.outbound_soft,
                "must not be less than `outbound_soft`",
            ),
            at_least(
                "max_waiting_input",
                self.max_waiting_input,
                1,
                "must be at least 1",
            ),
            (
                "max_waiting_input",
                self.max_waiting_input > Semaphore::MAX_PERMITS,
                "is too large",
            ),
            at_least(
                "max_blocking_handlers",
                self.max_blocking_handlers,
                1,
                "must be at least 1",
            ),
            (
                "max_blocking_handlers",
                self.max_blocking_handlers > Semaphore::MAX_PERMITS,
                "is too large",
            ),
        ];
        let durations = [
            ("handshake_timeout", self.handshake_timeout),
            ("hello_timeout", self.hello_timeout),
            ("welcome_timeout", self.welcome_timeout),
            ("authenticate_timeout", self.authenticate_timeout),
            ("authorizer_timeout", self.authorizer_timeout),
            ("auth_failure_pause", self.auth_failure_pause),
            ("message_timeout", self.message_timeout),
            ("write_timeout", self.write_timeout),
            ("ping_interval", self.ping_interval),
            ("pong_timeout", self.pong_timeout),
            ("close_timeout", self.close_timeout),
            ("goodbye_timeout", self.goodbye_timeout),
            ("handler_timeout", self.handler_timeout),
            ("max_call_timeout", self.max_call_timeout),
            ("shutdown_timeout", self.shutdown_timeout),
        ];
        let durations =
            durations.map(|(name, it)| (name, it > MAX_DURATION, "must be at most ten years"));
        let checked = sizes.into_iter().chain(durations);
        checked
            .filter(|(_, wrong, _)| *wrong)
            .map(|(name, _, reason)| Problem::BadLimit { name, reason })
            .collect()
    }
}
