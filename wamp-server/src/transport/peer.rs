//! Who is at the other end of a connection.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Its address, and the one that limits are counted for: they differ behind a proxy that does not tell for whom it connects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Peer {
    /// There are no addresses, as in memory, or nobody has told one.
    #[default]
    Nowhere,
    /// At this address.
    At(SocketAddr),
    /// Behind the proxy at this address, which does not name it.
    Behind(IpAddr),
}

impl Peer {
    /// Where it is. The address of a proxy is not its own.
    pub(crate) fn address(self) -> Option<SocketAddr> {
        match self {
            Self::At(address) => Some(address),
            Self::Nowhere | Self::Behind(_) => None,
        }
    }

    /// What limits are counted for. All whom a proxy does not name share what the proxy may do: a limit for each would be none. See also
    /// [`network`].
    pub(crate) fn counted(self) -> Option<IpAddr> {
        match self {
            Self::Nowhere => None,
            Self::At(address) => Some(address.ip()),
            Self::Behind(proxy) => Some(proxy),
        }
    }
}

/// What one subscriber usually has: an IPv4 address, or a /64 of IPv6. Limits for each address of it would be none.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

impl From<Option<SocketAddr>> for Peer {
    fn from(address: Option<SocketAddr>) -> Self {
        address.map_or(Self::Nowhere, Self::At)
    }
}
