//! A command line for any application: what `main` needs.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use wamp_server::{App, cli, procedure};
//!
//! #[procedure("math.add")]
//! async fn add(a: i64, b: i64) -> i64 {
//!     a + b
//! }
//!
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     cli::run(App::new()).await
//! }
//! ```
//!
//! ```text
//! program                                        serve it on 127.0.0.1:8080
//! program 0.0.0.0:80                             serve it elsewhere
//! program join --url ws://localhost:8080/ws      offer its functions at a router
//! program list                                   show what it has
//! program join --only math.add --only shop::admin
//! ```
//!
//! # Layout
//!
//! - `arguments`: what can be said on the command line. `selection`: which functions that is about. `exit`: how it ends.

mod arguments;
mod exit;
mod selection;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use tokio::net::TcpListener;
use wamp_client::{Client, Credentials};

use self::arguments::{Arguments, Command, Join, Serve};
use self::exit::Failure;
use self::selection::Selection;
use crate::app::signal;
use crate::{App, Error, JoinError};

/// Runs an application as the command line of the process says: serves it, offers its functions at a router, or lists them; see the
/// [module](self). `--help` explains it.
///
/// Where the router is, and who we are there, is also found in the environment: `WAMP_URL`, `WAMP_REALM`, and
/// [credentials](Credentials::from_env).
///
/// | exit code | |
/// |---|---|
/// | 0 | done: it was told to stop |
/// | 1 | something else went wrong |
/// | 2 | the command line cannot be understood |
/// | 3 | the application has mistakes |
/// | 4 | the address cannot be listened on |
/// | 5 | there is no session at the router, or it was lost for good |
/// | 6 | the router does not take what is offered |
pub async fn run(app: App) -> ExitCode {
    run_with(app, std::env::args_os()).await
}

/// The same with other arguments; the first one is the program's name.
pub async fn run_with<S: Into<OsString> + Clone>(
    app: App,
    arguments: impl IntoIterator<Item = S>,
) -> ExitCode {
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => exit::code(act(app, arguments).await),
        Err(error) => exit::misunderstood(&error),
    }
}

/// The arguments that are for the application itself: whatever follows the address, or `--`.
#[must_use]
pub fn rest() -> Vec<String> {
    match Arguments::try_parse() {
        Ok(arguments) => arguments.rest(),
        // It is told when the application is run.
        Err(_) => Vec::new(),
    }
}

async fn act(app: App, arguments: Arguments) -> Result<(), Failure> {
    let command = arguments.command();
    let selection = Selection::of(app, command.only())?;
    match command {
        Command::Serve(serve) => run_server(selection, serve).await,
        Command::Join(join) => run_joined(selection, join).await,
        Command::List(_) => print(&selection.list()),
    }
}

async fn run_server(selection: Selection, Serve { address, .. }: Serve) -> Result<(), Failure> {
    let list = selection.list();
    let server = selection.into_app().build().map_err(Error::from)?;
    let listening = TcpListener::bind(&address).await;
    let listener = listening.map_err(|source| match source.kind() {
        io::ErrorKind::InvalidInput => Failure::NoAddress(address),
        _ => Failure::Listen { address, source },
    })?;
    let address = listener.local_addr().map_err(Error::Listen)?;
    print(&format!("{list}serving {address}\n"))?;
    Ok(server.serve_with(listener, signal()).await?)
}

async fn run_joined(selection: Selection, join: Join) -> Result<(), Failure> {
    let credentials = Credentials::from_env().map_err(JoinError::from)?;
    let client = Client::builder(&join.url).realm(join.realm.clone());
    let client = client.credentials(credentials);
    let list = selection.list();
    let joined = selection.into_app().join_and_tell(client, signal(), || {
        let Join { url, realm, .. } = &join;
        // Who reads it is not what it is about.
        let _ = print(&format!(
            "{list}joined {realm} at {}\n",
            without_secrets(url)
        ));
    });
    Ok(joined.await?)
}

/// A URL as it may be shown: without user, password and query.
fn without_secrets(url: &str) -> String {
    let shown = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = shown.split_once("://") else {
        return shown.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        // Whoever read it has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::Output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_address_may_be_a_command_in_the_wrong_place() {
        let arguments = Arguments::try_parse_from(["program", "--only", "add", "list"]);
        let app = App::empty().procedure("add", async |a: i64, b: i64| a + b);
        let ended = act(app, arguments.expect("an address")).await;
        let Err(failure) = ended else {
            panic!("it is none");
        };
        assert!(matches!(failure, Failure::NoAddress(_)), "{failure}");
        assert!(failure.to_string().contains("`list`"), "{failure}");
    }

    #[test]
    fn secrets_in_urls_are_not_shown() {
        for (url, shown) in [
            ("ws://localhost:8080/ws", "ws://localhost:8080/ws"),
            (
                "wss://ann:secret@example.org/ws?token=x",
                "wss://example.org/ws",
            ),
            ("ws://h/?ticket=abc", "ws://h/"),
            ("ws://ann:secret@h", "ws://h"),
            ("ws://h/a@b", "ws://h/a@b"),
            ("unix:/tmp/a@b", "unix:/tmp/a@b"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }
}
