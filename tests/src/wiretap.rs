//! Hears every byte that a server sends.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Stands between clients and a server.
#[derive(Debug)]
pub struct Wiretap {
    address: SocketAddr,
    heard: Heard,
}

type Heard = Arc<Mutex<Vec<u8>>>;

impl Wiretap {
    /// Passes everything on to this server.
    pub async fn on(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let heard = Heard::default();
        tokio::spawn({
            let heard = Arc::clone(&heard);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    tokio::spawn(pass_on(client, server, Arc::clone(&heard)));
                }
            }
        });
        Self { address, heard }
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What all connections together have heard from the server so far, one after the other.
    #[must_use]
    pub fn heard(&self) -> Vec<u8> {
        let heard = self.heard.lock();
        heard.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One connection, until both sides have ended it.
async fn pass_on(client: TcpStream, server: SocketAddr, heard: Heard) -> io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = TcpStream::connect(server).await?.into_split();
    let questions = async {
        // What is left of a client that is gone is no error of the server.
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
        to_server.shutdown().await
    };
    let answers = async {
        let mut buffer = [0; 4096];
        loop {
            let count = from_server.read(&mut buffer).await?;
            let Some(bytes @ [_, ..]) = buffer.get(..count) else {
                return to_client.shutdown().await;
            };
            heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(bytes);
            to_client.write_all(bytes).await?;
        }
    };
    tokio::try_join!(questions, answers).map(|_| ())
}
