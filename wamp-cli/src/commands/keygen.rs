//! `wamp keygen`: key pairs, and what a router stores of a password.

use std::fs::OpenOptions;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use data_encoding::HEXLOWER;
use serde_json::json;
use wamp_proto::auth::BadParameter;
use wamp_proto::auth::cra::{Salt, derive_key};
use wamp_proto::auth::cryptosign::SigningKey;
use wamp_proto::auth::scram::{Credential, Dialect, Kdf};

use super::print;
use crate::exit::Failure;

/// Make a key pair for cryptosign, or turn a password into what the configuration of a router stores
///
/// The password is the first line of stdin; on a terminal it is asked for.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// Write the private key to this file, which only its owner may read and which must not be there
    #[arg(long, value_name = "FILE", conflicts_with = "password")]
    out: Option<PathBuf>,

    /// The salted key of a password, for `wampcra`
    #[arg(long, group = "password")]
    cra: bool,

    /// The credential of a password, for `scram`, or `wamp_scram` in the dialect `wamp`
    #[arg(long, group = "password")]
    scram: bool,

    /// Whose SCRAM: that of Crossbar.io and autobahn, or that of the specification
    #[arg(long, value_enum, default_value_t, requires = "scram")]
    dialect: ScramDialect,

    /// How the key is derived
    #[arg(long, value_enum, default_value_t, requires = "scram")]
    kdf: ScramKdf,

    /// How often; without it, 100000 for PBKDF2 and 3 for Argon2id
    #[arg(long, value_name = "NUMBER", requires = "password")]
    iterations: Option<u32>,

    /// KiB that Argon2id takes
    #[arg(long, value_name = "KIB", default_value_t = 64 * 1024, requires = "scram")]
    memory: u32,

    /// JSON instead of text
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  wamp keygen --out device.key             a private key in a file; prints the public key
  wamp keygen --json                       both keys
  wamp keygen --cra < password.txt         the value of `wampcra` in wamp.toml
  wamp keygen --scram --dialect wamp       the value of `wamp_scram`; asks for the password";

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ScramDialect {
    #[default]
    Crossbar,
    Wamp,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ScramKdf {
    #[default]
    Argon2id,
    Pbkdf2,
}

/// Rounds of PBKDF2 if nothing else is said.
const PBKDF2_ITERATIONS: u32 = 100_000;

/// Passes of Argon2id if nothing else is said.
const ARGON2_ITERATIONS: u32 = 3;

/// Which costs are neither too little against guessing nor too much for whoever logs in.
fn bounds(kdf: Option<Kdf>) -> String {
    let (least, most) = match kdf {
        None => (1, Salt::MAX_ITERATIONS),
        Some(Kdf::Pbkdf2 { .. }) => Kdf::PBKDF2_ITERATIONS.into_inner(),
        Some(Kdf::Argon2id { .. }) => {
            let (memory, work) = (Kdf::ARGON2_MEMORY, Kdf::ARGON2_WORK);
            return format!(
                "`--memory` may be {} to {}, and `--iterations` times `--memory` {} to {}",
                memory.start(),
                memory.end(),
                work.start(),
                work.end()
            );
        }
    };
    format!("`--iterations` may be {least} to {most}")
}

/// Makes what is asked for and writes it to stdout.
///
/// # Errors
///
/// When a parameter cannot be used, or something cannot be read or written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    if options.cra {
        cra(options)
    } else if options.scram {
        scram(options)
    } else {
        pair(options)
    }
}

fn pair(options: &Options) -> Result<(), Failure> {
    let seed = rand::random::<[u8; 32]>();
    let public = SigningKey::from_seed(seed).public_key().to_hex();
    let private = HEXLOWER.encode(&seed);
    let Some(path) = &options.out else {
        return print(if options.json {
            format!(
                "{}\n",
                json!({"private_key": private, "public_key": public})
            )
        } else {
            format!("private key: {private}\npublic key: {public}\n")
        });
    };
    write_private(path, &private).map_err(|error| {
        Failure::other(format!("`{}` cannot be written", path.display()), error)
    })?;
    print(if options.json {
        format!(
            "{}\n",
            json!({"private_key_file": path, "public_key": public})
        )
    } else {
        format!("public key: {public}\n")
    })
}

/// A file that was not there before, for its owner alone.
fn write_private(path: &Path, key: &str) -> io::Result<()> {
    let mut file = OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let mut file = file.open(path)?;
    writeln!(file, "{key}")?;
    file.sync_all()
}

fn cra(options: &Options) -> Result<(), Failure> {
    let iterations = options.iterations.unwrap_or(PBKDF2_ITERATIONS);
    let keylen = Salt::DEFAULT_KEYLEN;
    let salt = HEXLOWER.encode(&rand::random::<[u8; 16]>());
    let cost = Salt::with_cost(salt.as_str(), iterations, keylen);
    let cost = cost.map_err(|error| Failure::because(format!("{error}; {}", bounds(None))))?;
    let key = derive_key(password()?.as_bytes(), &cost);
    let key = key.expose();
    print(if options.json {
        format!(
            "{}\n",
            json!({"salt": salt, "iterations": iterations, "keylen": keylen, "key": &**key})
        )
    } else {
        format!(
            "wampcra = {{ salt = \"{salt}\", iterations = {iterations}, keylen = {keylen}, key = \"{key}\" }}\n"
        )
    })
}

fn scram(options: &Options) -> Result<(), Failure> {
    let (dialect, entry) = match options.dialect {
        ScramDialect::Crossbar => (Dialect::Crossbar, "scram"),
        ScramDialect::Wamp => (Dialect::Wamp, "wamp_scram"),
    };
    let kdf = match options.kdf {
        ScramKdf::Argon2id => Kdf::Argon2id {
            iterations: options.iterations.unwrap_or(ARGON2_ITERATIONS),
            memory: options.memory,
        },
        ScramKdf::Pbkdf2 => Kdf::Pbkdf2 {
            iterations: options.iterations.unwrap_or(PBKDF2_ITERATIONS),
        },
    };
    let salt = rand::random::<[u8; 16]>();
    let credential = Credential::derive(dialect, &password()?, &salt, kdf);
    let credential = credential.map_err(|error| {
        Failure::because(match error {
            BadParameter::Cost => format!("{error}; {}", bounds(Some(kdf))),
            error => error.to_string(),
        })
    })?;
    let salt = HEXLOWER.encode(&salt);
    let stored_key = HEXLOWER.encode(credential.stored_key());
    let server_key = HEXLOWER.encode(credential.server_key());
    let (name, iterations, memory) = match kdf {
        Kdf::Argon2id { iterations, memory } => ("argon2id", iterations, Some(memory)),
        Kdf::Pbkdf2 { iterations } => ("pbkdf2", iterations, None),
    };
    print(if options.json {
        let mut object = json!({
            "salt": salt,
            "kdf": name,
            "iterations": iterations,
            "stored_key": stored_key,
            "server_key": server_key,
        });
        if let (Some(memory), Some(object)) = (memory, object.as_object_mut()) {
            object.insert("memory".to_owned(), memory.into());
        }
        format!("{object}\n")
    } else {
        let memory = memory.map_or(String::new(), |it| format!(", memory = {it}"));
        format!(
            "{entry} = {{ salt = \"{salt}\", kdf = \"{name}\", iterations = {iterations}{memory}, \
             stored_key = \"{stored_key}\", server_key = \"{server_key}\" }}\n"
        )
    })
}

/// Never an argument: those are for everybody on the machine to see.
fn password() -> Result<String, Failure> {
    let read = if io::stdin().is_terminal() {
        rpassword::prompt_password("Password: ")
    } else {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    };
    let line = read.map_err(|error| Failure::other("the password cannot be read", error))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::because("the password is empty"));
    }
    Ok(password.to_owned())
}
