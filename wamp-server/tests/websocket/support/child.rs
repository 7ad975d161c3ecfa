//! A test that runs as a process of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::ChildStdout;

use super::{Client, soon};

/// It is killed with this.
pub(crate) struct Child {
    pub(crate) process: tokio::process::Child,
    pub(crate) address: SocketAddr,
    /// Kept open, or what it prints would end it.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Child {
    /// Runs an ignored test, after a command of the shell, until it prints its port.
    pub(crate) async fn start(test: &str, command: &str) -> Self {
        let mut process = tokio::process::Command::new("sh")
            .args([
                "-c",
                &format!(r#"{command} "$0" --ignored --exact --nocapture "$1""#),
            ])
            .arg(std::env::current_exe().expect("it runs"))
            .arg(test)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a shell");
        let mut output = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let port = loop {
            let line = soon("the port", output.next_line())
                .await
                .expect("text")
                .expect("a port");
            if let Some((_, port)) = line.split_once("port ") {
                break port.parse::<u16>().expect("a number");
            }
        };
        let address = (Ipv4Addr::LOCALHOST, port).into();
        Self {
            process,
            address,
            _output: output,
        }
    }

    /// A session, as soon as it listens.
    pub(crate) async fn joined(&self) -> Client {
        let connected = async {
            while TcpStream::connect(self.address).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        soon("listening", connected).await;
        Client::joined(self.address).await
    }
}
