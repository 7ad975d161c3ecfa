//! The servers under test. Each runs alone in a child process, on one core, on a tokio runtime as
//! `#[tokio::main]` makes it; Crossbar.io in processes that this child has started.

mod crossbar;
mod echo;
mod jsonrpsee;
mod router;
mod socketioxide;
mod wamp;

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use tokio::net::TcpListener;

pub use self::crossbar::usual_path as usual_path_of_crossbar;
use self::echo::Flush;
use crate::load::{Dialect, Serializer};
use crate::process;

/// A row of every table.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Server {
    /// tokio-tungstenite sending back what it gets, one flush for all that was ready: the limit.
    /// Reads 4 KiB at once, as a server with many idle sessions has to.
    Limit,
    /// The same, reading 128 KiB at once: the limit for long messages.
    #[value(name = "limit-128k")]
    Limit128k,
    /// tokio-tungstenite sending back what it gets, a flush per message, default buffers.
    Echo,
    /// This project's server.
    Wamp,
    /// The same with the router on, and nothing routed: what that costs.
    #[value(name = "wamp-routing")]
    WampRouting,
    /// This project's router.
    Router,
    /// Crossbar.io.
    Crossbar,
    /// JSON-RPC 2.0 over WebSocket.
    Jsonrpsee,
    /// Socket.IO events with acknowledgement, over the WebSocket transport only.
    Socketioxide,
}

impl Server {
    /// All rows, in the order they are printed.
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// What the row is called in tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Limit128k => "limit-128k",
            Self::Echo => "echo",
            Self::Wamp => "wamp",
            Self::WampRouting => "wamp-routing",
            Self::Router => "router",
            Self::Crossbar => "crossbar",
            Self::Jsonrpsee => "jsonrpsee",
            Self::Socketioxide => "socketioxide",
        }
    }

    /// Whether the server passes on what its clients offer each other.
    pub fn is_router(self) -> bool {
        matches!(self, Self::Router | Self::Crossbar)
    }

    /// Whether the server is there; `crossbar` is where Crossbar.io should be.
    pub fn is_installed(self, crossbar: &Path) -> bool {
        self != Self::Crossbar || crossbar.is_file()
    }

    /// How many registrations or subscriptions can be made in a few seconds.
    pub fn largest_crowd(self) -> usize {
        match self {
            Self::Crossbar => 10_000,
            _ => usize::MAX,
        }
    }

    /// Whether the server answers WAMP calls itself, rather than sending them back, passing them
    /// on, or speaking something else.
    pub fn is_wamp(self) -> bool {
        self == Self::Wamp
    }

    /// How to talk to the server in `serializer`; `None` if it cannot be done.
    pub fn dialect(self, serializer: Serializer) -> Option<Dialect> {
        match self {
            Self::Limit | Self::Limit128k | Self::Echo => Some(Dialect::Echo(serializer)),
            Self::Wamp | Self::WampRouting | Self::Router | Self::Crossbar => {
                Some(Dialect::Wamp(serializer))
            }
            Self::Jsonrpsee => (serializer == Serializer::Json).then_some(Dialect::JsonRpc),
            Self::Socketioxide => (serializer == Serializer::Json).then_some(Dialect::SocketIo),
        }
    }

    /// Serves until standard input ends. Prints the port on standard output first.
    pub fn serve(self, crossbar: &Path) -> Result<()> {
        if self == Self::Crossbar {
            return crossbar::serve(crossbar);
        }
        process::end_with_parent();
        self.serve_here()
    }

    #[tokio::main]
    async fn serve_here(self) -> Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("cannot listen on 127.0.0.1")?;
        let port = listener
            .local_addr()
            .context("the listener has no address")?
            .port();
        println!("{port}");
        std::io::stdout().flush().context("cannot print the port")?;
        match self {
            Self::Limit => echo::serve(listener, Flush::WhenDrained, Some(4 * 1024)).await,
            Self::Limit128k => echo::serve(listener, Flush::WhenDrained, None).await,
            Self::Echo => echo::serve(listener, Flush::EachMessage, None).await,
            Self::Wamp => wamp::serve(listener, false).await,
            Self::WampRouting => wamp::serve(listener, true).await,
            Self::Router => router::serve(listener).await,
            Self::Crossbar => bail!("Crossbar.io is a program of its own"),
            Self::Jsonrpsee => jsonrpsee::serve(listener).await,
            Self::Socketioxide => socketioxide::serve(listener).await,
        }
    }
}
