//! `[server]` and `[handshake]`: what is spoken on all listeners, and with whom.

use wamp_proto::codec::Format;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::Handshake;

use super::reading::{At, Section, Value};

/// What is spoken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Service {
    pub(crate) paths: Option<Vec<String>>,
    pub(crate) rawsocket: bool,
    pub(crate) subprotocols: Vec<Subprotocol>,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            paths: None,
            rawsocket: true,
            subprotocols: Subprotocol::ALL.to_vec(),
        }
    }
}

impl Service {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let paths = section.get("paths", |value| {
            some(value, |path| match path.strip_prefix('/') {
                Some(_) => Ok(path.to_owned()),
                None => Err(format!("a path begins with `/`, unlike `{path}`")),
            })
        });
        let serializers = section.get("serializers", |value| some(value, serializer));
        Self {
            paths: paths.map(|it| it.value),
            rawsocket: section.flag("rawsocket").is_none_or(|it| it.value),
            subprotocols: match serializers {
                None => Subprotocol::ALL.to_vec(),
                Some(formats) => {
                    let both = |it| [Subprotocol::new(it), Subprotocol::batched(it)];
                    formats.value.into_iter().flat_map(both).collect()
                }
            },
        }
    }
}

/// A list that is not empty: with an empty one, nobody could connect.
fn some<T>(value: Value<'_>, parse: impl Fn(&str) -> Result<T, String>) -> Option<Vec<T>> {
    let items = value.items()?;
    if items.is_empty() {
        return value.refuse("with an empty list nobody can connect");
    }
    let items = items.into_iter().filter_map(|it| it.parsed(&parse));
    Some(items.collect())
}

fn serializer(name: &str) -> Result<Format, String> {
    match name {
        "json" => Ok(Format::Json),
        "msgpack" => Ok(Format::MsgPack),
        "cbor" => Ok(Format::Cbor),
        _ => Err(format!(
            "there is no serializer `{name}`: expected \"json\", \"msgpack\" or \"cbor\""
        )),
    }
}

/// What HTTP requests are checked for.
#[derive(Debug, Default)]
pub(crate) struct GivenHandshake {
    /// Where it begins.
    pub(crate) at: usize,
    origins: Vec<At<String>>,
    any_origin: bool,
    hosts: Option<Vec<At<String>>>,
    any_host: bool,
    trusted_proxies: Vec<At<String>>,
}

impl GivenHandshake {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self {
            at: section.at,
            origins: section.list("origins", Value::text).unwrap_or_default(),
            any_origin: section.flag("any_origin").is_some_and(|it| it.value),
            hosts: section.list("hosts", Value::text),
            any_host: section.flag("any_host").is_some_and(|it| it.value),
            trusted_proxies: section
                .list("trusted_proxies", Value::text)
                .unwrap_or_default(),
        }
    }

    /// As the server wants it. Nobody asks for the headers of a connection, so none are kept.
    pub(crate) fn handshake(&self) -> Handshake {
        let texts = |list: &[At<String>]| values(list.to_vec());
        let mut handshake = Handshake::new()
            .origins(texts(&self.origins))
            .trusted_proxies(texts(&self.trusted_proxies))
            .keep_headers(Vec::<String>::new());
        if self.any_origin {
            handshake = handshake.any_origin();
        }
        if let Some(hosts) = &self.hosts {
            handshake = handshake.hosts(texts(hosts));
        }
        if self.any_host {
            handshake = handshake.any_host();
        }
        handshake
    }

    /// Where an entry of a list stands.
    pub(crate) fn place(&self, list: &str, entry: &str) -> usize {
        let list = match list {
            "origins" => &self.origins,
            "trusted_proxies" => &self.trusted_proxies,
            _ => self.hosts.as_ref().unwrap_or(&self.origins),
        };
        let found = list.iter().find(|it| it.value == entry);
        found.map_or(self.at, |it| it.at)
    }
}

/// The same, wherever it stands.
impl PartialEq for GivenHandshake {
    fn eq(&self, other: &Self) -> bool {
        let parts = |it: &Self| {
            let texts = |list: &[At<String>]| values(list.to_vec());
            let hosts = it.hosts.as_deref().map(texts);
            let lists = (texts(&it.origins), texts(&it.trusted_proxies), hosts);
            (lists, it.any_origin, it.any_host)
        };
        parts(self) == parts(other)
    }
}

/// Without their places.
pub(super) fn values<T>(list: Vec<At<T>>) -> Vec<T> {
    list.into_iter().map(|it| it.value).collect()
}
