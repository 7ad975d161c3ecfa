//! Makes connections.

use std::fmt;
use std::io;
#[cfg(feature = "tls")]
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
#[cfg(feature = "tls")]
use tokio_rustls::rustls::ClientConfig;
use url::Host;

#[cfg(feature = "tls")]
use super::address::Protocol;
use super::address::{Address, Place};
use super::greeting::Greeting;
use super::{Dialing, race};
use crate::error::ConnectError;
use crate::transport::rawsocket::Refused;
#[cfg(feature = "tls")]
use crate::transport::tls::{self, Tls};
use crate::transport::{Connect, Connecting, Transport};

/// Makes connections to one place. It is made by [`Dialing::dialer`].
pub struct Dialer {
    address: Address,
    /// Each is tried on a connection of its own, until one is understood.
    greetings: Vec<Greeting>,
    #[cfg(feature = "tls")]
    tls: Option<Security>,
}

impl Dialer {
    pub(super) fn new(dialing: &Dialing) -> Result<Self, ConnectError> {
        let address = Address::parse(&dialing.url)?;
        let greetings = Greeting::all(dialing, &address)?;
        Ok(Self {
            #[cfg(feature = "tls")]
            tls: security(dialing, &address)?,
            #[cfg(not(feature = "tls"))]
            address: without_tls(address)?,
            #[cfg(feature = "tls")]
            address,
            greetings,
        })
    }

    async fn dial(&self) -> Result<Box<dyn Transport>, ConnectError> {
        let mut refused = ConnectError::Config("there is no serializer to offer".to_owned());
        for greeting in &self.greetings {
            match self.open(greeting).await {
                Ok(transport) => return Ok(transport),
                Err(Refused::Serializer(error)) => refused = error,
                Err(Refused::Otherwise(error)) => return Err(error),
            }
        }
        Err(refused)
    }

    async fn open(&self, greeting: &Greeting) -> Result<Box<dyn Transport>, Refused> {
        match &self.address.place {
            Place::Network { host, port, .. } => {
                let stream = tcp(host, *port).await;
                let stream = stream.map_err(|error| self.unreachable(error))?;
                self.secure(greeting, host, stream).await
            }
            #[cfg(unix)]
            Place::Unix(path) => {
                let stream = tokio::net::UnixStream::connect(path).await;
                let stream = stream.map_err(|error| self.unreachable(error))?;
                greeting.say(stream, None, &self.target()).await
            }
            #[cfg(not(unix))]
            Place::Unix(_) => Err(self.unreachable(io::ErrorKind::Unsupported.into()).into()),
        }
    }

    #[cfg(feature = "tls")]
    async fn secure<S>(
        &self,
        greeting: &Greeting,
        host: &Host<String>,
        stream: S,
    ) -> Result<Box<dyn Transport>, Refused>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let target = self.target();
        let Some(security) = &self.tls else {
            return greeting.say(stream, None, &target).await;
        };
        let config = security.config().await?;
        let stream = tls::connect(config, host, &target, stream).await?;
        let channel_id = tls::channel_id(stream.get_ref().1);
        // In TLS 1.3 a server says after the handshake only that it does not want our certificate.
        let said = greeting.say(stream, channel_id, &target).await;
        said.map_err(|refused| match refused {
            Refused::Otherwise(ConnectError::Io { target, source })
                if source.kind() == io::ErrorKind::InvalidData =>
            {
                Refused::Otherwise(ConnectError::Tls { target, source })
            }
            other => other,
        })
    }

    #[cfg(not(feature = "tls"))]
    async fn secure<S>(
        &self,
        greeting: &Greeting,
        _: &Host<String>,
        stream: S,
    ) -> Result<Box<dyn Transport>, Refused>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        greeting.say(stream, None, &self.target()).await
    }

    fn unreachable(&self, source: io::Error) -> ConnectError {
        let target = self.target();
        ConnectError::Io { target, source }
    }
}

impl Connect for Dialer {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(self.dial())
    }

    fn target(&self) -> String {
        self.address.to_string()
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Addresses of a name that are tried.
const MOST_ADDRESSES: usize = 32;

async fn tcp(host: &Host<String>, port: u16) -> io::Result<TcpStream> {
    let stream = match host {
        Host::Domain(name) => {
            let addresses = lookup_host((&**name, port)).await?;
            race::connect(addresses.take(MOST_ADDRESSES), TcpStream::connect).await
        }
        Host::Ipv4(address) => TcpStream::connect((*address, port)).await,
        Host::Ipv6(address) => TcpStream::connect((*address, port)).await,
    }?;
    // Many messages are sent at once anyway, and what is sent alone should not wait for more.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// TLS as it was configured.
#[cfg(feature = "tls")]
struct Security {
    tls: Tls,
    protocol: Protocol,
    config: Arc<ClientConfig>,
}

#[cfg(feature = "tls")]
impl Security {
    fn new(tls: Tls, protocol: Protocol) -> Result<Self, ConnectError> {
        let config = Arc::new(configured(&tls, protocol)?);
        Ok(Self {
            tls,
            protocol,
            config,
        })
    }

    /// What is in the files now: certificates are renewed while a client runs.
    async fn config(&self) -> Result<Arc<ClientConfig>, ConnectError> {
        if !self.tls.is_from_files() {
            return Ok(Arc::clone(&self.config));
        }
        let (tls, protocol) = (self.tls.clone(), self.protocol);
        let read = tokio::task::spawn_blocking(move || configured(&tls, protocol)).await;
        let failed = |_| ConnectError::Config("certificates could not be read again".to_owned());
        read.map_err(failed)?.map(Arc::new)
    }
}

#[cfg(feature = "tls")]
fn configured(tls: &Tls, protocol: Protocol) -> Result<ClientConfig, ConnectError> {
    let mut config = tls.config()?;
    if protocol == Protocol::WebSocket {
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
    }
    Ok(config)
}

#[cfg(feature = "tls")]
fn security(dialing: &Dialing, address: &Address) -> Result<Option<Security>, ConnectError> {
    if address.is_secure() {
        return Security::new(dialing.tls.clone(), address.protocol).map(Some);
    }
    if dialing.tls.is_default() {
        return Ok(None);
    }
    Err(ConnectError::Config(format!(
        "certificates were given, but `{address}` is without TLS; it would be `wss://` or `rss://`"
    )))
}

#[cfg(not(feature = "tls"))]
fn without_tls(address: Address) -> Result<Address, ConnectError> {
    if address.is_secure() {
        return Err(ConnectError::Config(
            "this program was built without TLS: the feature `tls` of wamp-client".to_owned(),
        ));
    }
    Ok(address)
}
