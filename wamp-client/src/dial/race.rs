//! Connects to one of several addresses, of which some may lead nowhere. RFC 8305 without its order of families.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::timeout;

/// What an address has before the next one is tried, too. RFC 8305, 8.
const HEAD_START: Duration = Duration::from_millis(250);

/// The first connection that there is, or the last error. An address that fails makes room for the next one at once.
pub(super) async fn connect<S, F>(
    addresses: impl IntoIterator<Item = SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> io::Result<S>
where
    F: Future<Output = io::Result<S>>,
{
    let mut addresses = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no addresses");
    loop {
        let ended = match addresses.next() {
            Some(address) => {
                attempts.push(connect(address));
                timeout(HEAD_START, attempts.next()).await
            }
            None => Ok(attempts.next().await),
        };
        match ended {
            Ok(Some(Ok(stream))) => return Ok(stream),
            Ok(Some(Err(error))) => failure = error,
            Ok(None) => return Err(failure),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::*;

    fn addresses(count: u16) -> impl Iterator<Item = SocketAddr> {
        (0..count).map(|port| SocketAddr::from(([127, 0, 0, 1], port)))
    }

    #[tokio::test(start_paused = true)]
    async fn failures_cost_no_time() {
        let start = Instant::now();
        let connected = connect(addresses(3), async |address: SocketAddr| {
            (address.port() == 2)
                .then_some("third")
                .ok_or_else(|| io::ErrorKind::ConnectionRefused.into())
        });
        assert_eq!(connected.await.expect("one works"), "third");
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_address_does_not_hold_up_the_others() {
        let start = Instant::now();
        let connected = connect(addresses(3), async |address: SocketAddr| {
            match address.port() {
                0 | 1 => pending().await,
                _ => Ok("third"),
            }
        });
        assert_eq!(connected.await.expect("one works"), "third");
        assert_eq!(start.elapsed(), 2 * HEAD_START);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_address_may_still_win() {
        let connected = connect(addresses(2), async |address: SocketAddr| {
            match address.port() {
                0 => sleep(3 * HEAD_START).await,
                _ => pending().await,
            }
            Ok("first")
        });
        assert_eq!(connected.await.expect("one works"), "first");
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_error_is_told() {
        let failed = connect(addresses(2), async |address: SocketAddr| {
            Err::<(), _>(match address.port() {
                0 => io::ErrorKind::ConnectionRefused.into(),
                _ => io::ErrorKind::HostUnreachable.into(),
            })
        });
        let error = failed.await.expect_err("none works");
        assert_eq!(error.kind(), io::ErrorKind::HostUnreachable);
        let none = connect(addresses(0), async |_| Ok(()));
        assert_eq!(
            none.await.expect_err("none").kind(),
            io::ErrorKind::NotFound
        );
    }
}
