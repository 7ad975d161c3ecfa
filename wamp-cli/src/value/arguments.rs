//! The values of a command line, positional ones in the order in which they stand there.

use bytes::{Bytes, BytesMut};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use wamp_client::proto::codec::{Format, transcode};
use wamp_client::proto::payload::Payload;

use super::word::{Inputs, Word, pair, quoted};
use crate::client::ClientFailure;

/// Positional and keyword arguments. This is not derived because `--string` and plain arguments keep their order among each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arguments {
    args: Vec<Word>,
    kwargs: Vec<(String, Word)>,
}

impl Arguments {
    /// Reads what is to be read, and puts all of it together.
    ///
    /// # Errors
    ///
    /// When something is not what it should be, or cannot be read.
    pub(crate) fn payload(&self) -> Result<Payload, ClientFailure> {
        let mut inputs = Inputs::default();
        let mut args = Vec::new();
        for word in &self.args {
            args.push(inputs.json(word)?);
        }
        let mut kwargs = Vec::new();
        for (name, word) in &self.kwargs {
            kwargs.push((name.clone(), inputs.json(word)?));
        }
        payload(&args, &kwargs).ok_or_else(|| {
            let what = "the arguments are nested deeper than WAMP messages may be";
            ClientFailure::Usage(what.to_owned())
        })
    }
}

/// Arguments that are JSON; `None` if they cannot be sent.
fn payload(args: &[String], kwargs: &[(String, String)]) -> Option<Payload> {
    let list = format!("[{}]", args.join(","));
    let members = kwargs
        .iter()
        .map(|(name, value)| format!("{}:{value}", quoted(name)));
    let map = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    // As deep as in a message.
    let message = format!("[{list},{map}]");
    transcode(
        Format::Json,
        message.as_bytes(),
        Format::Cbor,
        &mut BytesMut::new(),
    )
    .ok()?;
    let list = (!args.is_empty()).then(|| Bytes::from(list));
    let map = (!kwargs.is_empty()).then(|| Bytes::from(map));
    Some(Payload::new(Format::Json, list, map))
}

impl Args for Arguments {
    fn augment_args(command: Command) -> Command {
        let positional = Arg::new("args")
            .value_name("ARGS")
            .num_args(0..)
            .action(ArgAction::Append)
            .allow_negative_numbers(true)
            .help("JSON; a bare word is a string, `@FILE` what is in a file, `-` what comes from stdin")
            .long_help(
                "Each is JSON; what is none is the string that it is, so `foo` and `\"foo\"` are the same. `@FILE` is what is in a file, and `-` what \
                 comes from stdin: JSON, text or binary data. Binary data in JSON is a string of U+0000 and Base64, as in `\"\\u0000AAH/\"`",
            );
        let text = Arg::new("string")
            .long("string")
            .value_name("TEXT")
            .action(ArgAction::Append)
            .allow_hyphen_values(true)
            .help(
                "An argument that is this very text, even if it looks like JSON; stands among ARGS",
            );
        let keyword = Arg::new("kwarg")
            .long("kwarg")
            .short('k')
            .value_name("NAME=VALUE")
            .action(ArgAction::Append)
            .value_parser(pair)
            .help("A keyword argument; its value is written like one of ARGS");
        command.arg(positional).arg(text).arg(keyword)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Arguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = placed(matches, "args", Word::Value);
        args.extend(placed(matches, "string", Word::Text));
        args.sort_by_key(|(place, _)| *place);
        let kwargs = matches.get_many::<(String, Word)>("kwarg");
        let kwargs = kwargs.into_iter().flatten().cloned().collect::<Vec<_>>();
        let mut names = kwargs.iter().map(|(name, _)| name).collect::<Vec<_>>();
        names.sort_unstable();
        let twice = names.windows(2).find(|it| it.first() == it.last());
        if let Some([name, _]) = twice {
            let what = format!("the keyword argument `{name}` is there twice\n");
            return Err(clap::Error::raw(ErrorKind::ArgumentConflict, what));
        }
        let args = args.into_iter().map(|(_, word)| word).collect();
        Ok(Self { args, kwargs })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The values of an option, with their places on the command line.
fn placed(matches: &ArgMatches, id: &str, word: fn(String) -> Word) -> Vec<(usize, Word)> {
    let places = matches.indices_of(id).into_iter().flatten();
    let values = matches.get_many::<String>(id).into_iter().flatten();
    places.zip(values.cloned().map(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &[&str]) -> Result<Arguments, String> {
        let command = Arguments::augment_args(Command::new("x").no_binary_name(true));
        let matches = command.try_get_matches_from(line);
        let matches = matches.map_err(|error| error.to_string())?;
        Arguments::from_arg_matches(&matches).map_err(|error| error.to_string())
    }

    fn json(line: &[&str]) -> (String, String) {
        let arguments = parsed(line).expect("it can be read");
        let payload = arguments.payload().expect("it makes sense");
        let text = |raw: Option<&Bytes>| {
            raw.map_or(String::new(), |it| String::from_utf8_lossy(it).into_owned())
        };
        (text(payload.args_raw()), text(payload.kwargs_raw()))
    }

    #[test]
    fn arguments_keep_their_order_and_their_digits() {
        for (line, args, kwargs) in [
            (&[][..], "", ""),
            (&["1", "--string", "2", "3"], r#"[1,"2",3]"#, ""),
            (&["--string", "--x", "-3"], r#"["--x",-3]"#, ""),
            (&["-k", "b=2", "--kwarg", "a=x"], "", r#"{"b":2,"a":"x"}"#),
            (
                &["12345678901234567890123", "-k", r#"ä="ö""#, "{}"],
                "[12345678901234567890123,{}]",
                r#"{"ä":"ö"}"#,
            ),
        ] {
            let expected = (args.to_owned(), kwargs.to_owned());
            assert_eq!(json(line), expected, "{line:?}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (line, reason) in [
            (&["-k", "a=1", "-k", "a=2"][..], "`a` is there twice"),
            (&["-k", "a"], "name=value"),
            (&["-x"], "unexpected argument"),
        ] {
            let error = parsed(line).expect_err("it is refused");
            assert!(error.contains(reason), "{line:?}: {error}");
        }
        let deep = format!("{}{}", "[".repeat(99), "]".repeat(99));
        let arguments = parsed(&[&deep]).expect("it is JSON");
        assert!(arguments.payload().is_err());
    }
}
