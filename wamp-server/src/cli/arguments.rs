//! What can be said on the command line.

use clap::{Args, Parser, Subcommand};

/// Where a server listens unless somebody says otherwise.
const ADDRESS: &str = "127.0.0.1:8080";

/// Serves the application, or offers its functions at a router.
#[derive(Debug, Parser)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_precedence_over_arg = true,
    after_help = "Without a command, the application is served."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Clone, Debug, Subcommand)]
pub(super) enum Command {
    /// Serve clients over WebSocket and RawSocket
    Serve(Serve),
    /// Offer the functions at a router
    ///
    /// Credentials are found in the environment: WAMP_AUTHID with WAMP_PRIVATE_KEY, WAMP_SECRET or WAMP_TICKET.
    Join(Join),
    /// Show the functions: what each is for, its URI, where it is in the source
    List(List),
}

#[derive(Args, Clone, Debug)]
pub(super) struct Serve {
    /// Where to listen; port 0 is any that is free
    #[arg(default_value = ADDRESS)]
    pub(super) address: String,
    #[command(flatten)]
    only: Only,
    /// What else the application understands
    #[arg(trailing_var_arg = true)]
    rest: Vec<String>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct Join {
    /// Where the router is: ws, wss, rs, rss or unix
    #[arg(
        long,
        env = "WAMP_URL",
        hide_env_values = true,
        default_value = "ws://localhost:8080"
    )]
    pub(super) url: String,
    /// The realm to join
    #[arg(long, env = "WAMP_REALM", default_value = "realm1")]
    pub(super) realm: String,
    #[command(flatten)]
    only: Only,
    /// What else the application understands
    #[arg(last = true)]
    rest: Vec<String>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct List {
    #[command(flatten)]
    only: Only,
}

#[derive(Args, Clone, Debug)]
struct Only {
    /// Take only functions with this URI or in this module; can be said several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

impl Arguments {
    pub(super) fn command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }

    pub(super) fn rest(self) -> Vec<String> {
        match self.command() {
            Command::Serve(Serve { rest, .. }) | Command::Join(Join { rest, .. }) => rest,
            Command::List(_) => Vec::new(),
        }
    }
}

impl Command {
    /// What to take only; everything if that is nothing.
    pub(super) fn only(&self) -> &[String] {
        match self {
            Self::Serve(Serve { only, .. })
            | Self::Join(Join { only, .. })
            | Self::List(List { only }) => &only.only,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(arguments: &str) -> Arguments {
        let words = std::iter::once("program").chain(arguments.split_whitespace());
        Arguments::try_parse_from(words).unwrap_or_else(|error| panic!("{arguments}: {error}"))
    }

    #[test]
    fn the_declaration_makes_sense() {
        <Arguments as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_bare_address_is_served() {
        for (arguments, expected, rest) in [
            ("", ADDRESS, vec![]),
            ("127.0.0.1:0", "127.0.0.1:0", vec![]),
            ("127.0.0.1:0 a b", "127.0.0.1:0", vec!["a", "b"]),
            ("serve", ADDRESS, vec![]),
            ("serve 127.0.0.1:0 0.5", "127.0.0.1:0", vec!["0.5"]),
            ("--only x 127.0.0.1:0", "127.0.0.1:0", vec![]),
        ] {
            assert_eq!(parse(arguments).rest(), rest, "{arguments}");
            match parse(arguments).command() {
                Command::Serve(serve) => assert_eq!(serve.address, expected, "{arguments}"),
                other => panic!("{arguments}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_router_is_named() {
        let arguments = "join --url ws://h/ --realm r --only a --only b -- c";
        assert_eq!(parse(arguments).rest(), ["c"]);
        let command = parse(arguments).command();
        assert_eq!(command.only(), ["a", "b"]);
        match command {
            Command::Join(join) => assert_eq!((&*join.url, &*join.realm), ("ws://h/", "r")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        for arguments in ["join ws://h/", "list x", "--url x", "join --relm x"] {
            let words = std::iter::once("program").chain(arguments.split_whitespace());
            assert!(Arguments::try_parse_from(words).is_err(), "{arguments}");
        }
    }
}
