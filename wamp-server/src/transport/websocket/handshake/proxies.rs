//! Who may speak for others.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

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
        let network = address.or_else(|_| text.parse()).map_err(
            |_| "is neither an address nor a network, as in `127.0.0.1` or `10.0.0.0/8`",
        )?;
        Ok(canonical(network))
    }
}

/// The network of IPv4 that is written as one of IPv6.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else {
        return network;
    };
    let v4 = || {
        let address = mapped.addr().to_ipv4_mapped()?;
        Ipv4Net::new(address, mapped.prefix_len().checked_sub(96)?).ok()
    };
    v4().map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        for (entry, address, expected) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("::ffff:127.0.0.1", "127.0.0.1", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "::ffff:10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "11.1.2.3", false),
            ("::ffff:0.0.0.0/96", "203.0.113.7", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("10.0.0.0/8", "2001:db8::1", false),
        ] {
            let proxies = Proxies::new(vec![Proxies::parse_entry(entry).expect("valid")]);
            let address = address.parse().expect("valid");
            assert_eq!(proxies.trust(address), expected, "{entry} {address}");
        }
    }
}
