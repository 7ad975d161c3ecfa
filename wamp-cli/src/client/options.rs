//! What the command line says of the connection, for all commands that need one.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use wamp_client::proto::codec::Format;
use wamp_client::proto::message::Secret;

use crate::config::units;
use crate::value::{Word, pair};

/// Where to connect to, and as whom.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// The router: `ws://`, `wss://`, `rs://` and `rss://` (RawSocket), `ws+unix://` or `unix://` [env: WAMP_URL] [default:
    /// ws://localhost:8080]
    #[arg(long, short, value_name = "URL")]
    pub(super) url: Option<String>,

    /// The realm to join [env: WAMP_REALM] [default: realm1]
    #[arg(long, short, value_name = "NAME")]
    pub(super) realm: Option<String>,

    /// The serializer; without it, what the router prefers of all three [env: WAMP_SERIALIZER]
    #[arg(long, short, value_enum, value_name = "NAME")]
    pub(super) serializer: Option<SerializerWord>,

    /// Who you are [env: WAMP_AUTHID]
    #[arg(long, value_name = "NAME")]
    pub(super) authid: Option<String>,

    /// The only method to prove it by; without it, all that there is something for are offered, and the router chooses, not knowing yet
    /// which of them you are known by [env: WAMP_AUTHMETHOD]
    #[arg(long, value_enum, value_name = "METHOD")]
    pub(super) authmethod: Option<MethodWord>,

    /// The ticket to show. Others on this machine can see it here: prefer the variable [env: WAMP_TICKET]
    #[arg(long, value_parser = secret)]
    pub(super) ticket: Option<Secret>,

    /// The secret for WAMP-CRA, and the password for SCRAM. Prefer the variable here, too [env: WAMP_SECRET]
    #[arg(long, value_parser = secret)]
    pub(super) secret: Option<Secret>,

    /// The key for cryptosign: a file of `wamp keygen`, or its 64 hexadecimal digits [env: WAMP_PRIVATE_KEY]
    #[arg(long, value_name = "FILE", value_parser = secret)]
    pub(super) private_key: Option<Secret>,

    /// More to say of yourself, in `authextra`, to routers that want to know; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) authextra: Vec<(String, Word)>,

    /// Trust the certificate authorities of this file in PEM, instead of those of the system [env: WAMP_CA_FILE]
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,

    /// The certificate to show, in PEM [env: WAMP_CERT]
    #[arg(long, value_name = "FILE")]
    pub(super) cert: Option<PathBuf>,

    /// Its private key, in PEM; without it, in the file of the certificate [env: WAMP_KEY]
    #[arg(long, value_name = "FILE")]
    pub(super) key: Option<PathBuf>,

    /// A header to ask for a WebSocket with, such as `Origin: https://example.com`; may be repeated
    #[arg(long, value_name = "NAME: VALUE", value_parser = secret)]
    pub(super) header: Vec<Secret>,

    /// How long it may take until a session is open [env: WAMP_CONNECT_TIMEOUT] [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    pub(super) connect_timeout: Option<Duration>,

    /// What stands under this name in ~/.config/wamp/profiles.toml, or in the file that WAMP_PROFILES names, where neither the command line
    /// nor the environment say something else [env: WAMP_PROFILE] [default: `default`, if it is there]
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
}

/// How long to wait for answers.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Patience {
    /// How long to wait for an answer [env: WAMP_TIMEOUT] [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    pub(super) timeout: Option<Duration>,
}

/// The serializers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SerializerWord {
    Json,
    Msgpack,
    Cbor,
}

impl SerializerWord {
    /// As in the environment and in profiles.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Self::from_str(text, false).map_err(|_| "expected `json`, `msgpack` or `cbor`".to_owned())
    }

    pub(super) fn format(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::Msgpack => Format::MsgPack,
            Self::Cbor => Format::Cbor,
        }
    }
}

/// Methods of authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MethodWord {
    Ticket,
    Wampcra,
    Scram,
    Cryptosign,
    Tls,
    Anonymous,
}

impl MethodWord {
    /// As in the environment and in profiles.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Self::from_str(text, false).map_err(|_| {
            "expected `ticket`, `wampcra`, `scram`, `cryptosign`, `tls` or `anonymous`".to_owned()
        })
    }
}

/// Kept out of everything that is printed.
#[expect(clippy::unnecessary_wraps, reason = "clap asks for it")]
fn secret(text: &str) -> Result<Secret, String> {
    Ok(Secret::new(text))
}
