//! Who may speak for others.

use std::net::IpAddr;

use ipnet::IpNet;

/// The proxies whose word about a client is believed.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies(Box<[IpNet]>);

impl Proxies {
    pub(super) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks.into())
    }

    pub(super) fn trust(&self, address: IpAddr) -> bool {
        // A listener for both versions sees IPv4 addresses inside of IPv6 ones.
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// A network or one address.
    pub(super) fn parse_entry(text: &str) -> Result<IpNet, &'static str> {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        address
            .or_else(|_| text.parse())
            .map_err(|_| "is neither an address nor a network, as in `127.0.0.1` or `10.0.0.0/8`")
    }
}
