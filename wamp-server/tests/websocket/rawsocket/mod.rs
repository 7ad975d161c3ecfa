//! RawSocket, octet by octet.

mod control;
mod elsewhere;
mod handshake;
mod interrupted;
mod oversize;
mod same_port;
mod sessions;
mod shutdown;
mod sizes;
mod slow;
#[cfg(feature = "tls")]
mod tls;
#[cfg(unix)]
mod unix;
