//! The command line, the environment and the profile together: in this order, and defaults for the rest.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use wamp_client::proto::message::Secret;
use wamp_client::proto::subprotocol::Subprotocol;
use wamp_client::transport::tls::Tls;
use wamp_client::{Builder, CallError, Client, Credentials};

use super::credentials::credentials;
use super::failure::ClientFailure;
use super::options::{Connection, Patience, SerializerWord};
use super::profile::Profile;
use super::run::unless_stopped;
use crate::config::{ConfigError, units};
use crate::value::Inputs;

const URL: &str = "ws://localhost:8080";
const REALM: &str = "realm1";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);
/// A router that does not answer GOODBYE is not worth waiting for.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// All that is needed to make a client, or several.
#[derive(Debug)]
pub(crate) struct Settings {
    url: String,
    realm: String,
    serializer: Option<SerializerWord>,
    credentials: Credentials,
    tls: Option<Tls>,
    headers: Vec<(String, String)>,
    connect_timeout: Duration,
    /// If somebody has said it.
    timeout: Option<Duration>,
}

impl Settings {
    /// Opens a session.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(crate) async fn connect(&self) -> Result<Client, ClientFailure> {
        unless_stopped(self.builder().connect()).await
    }

    /// Opens a session that is opened again when it is lost. `refused` is told of what the router does not want again then.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(crate) async fn keep_connected(
        &self,
        refused: impl Fn(&str, &CallError) + Send + Sync + 'static,
    ) -> Result<Client, ClientFailure> {
        let builder = self.builder().on_renewal_error(refused);
        unless_stopped(builder.connect()).await
    }

    /// How long calls may take, if somebody has said it: routers should know it then, too.
    pub(crate) fn told_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// A client that is about to connect.
    pub(crate) fn builder(&self) -> Builder {
        let mut builder = Client::builder(&self.url)
            .realm(self.realm.as_str())
            .agent(concat!("wamp-cli-", env!("CARGO_PKG_VERSION")))
            .credentials(self.credentials.clone())
            .connect_timeout(self.connect_timeout)
            .call_timeout(self.timeout.unwrap_or(TIMEOUT))
            .close_timeout(CLOSE_TIMEOUT);
        if let Some(serializer) = self.serializer {
            builder = builder.subprotocols([Subprotocol::new(serializer.format())]);
        }
        if let Some(tls) = &self.tls {
            builder = builder.tls(tls.clone());
        }
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        builder
    }
}

impl Connection {
    /// Opens a session.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(crate) async fn open(&self, patience: &Patience) -> Result<Client, ClientFailure> {
        self.settings(patience)?.connect().await
    }

    /// Puts everything together.
    ///
    /// # Errors
    ///
    /// When something makes no sense.
    pub(crate) fn settings(&self, patience: &Patience) -> Result<Settings, ClientFailure> {
        let name = text(self.profile.as_ref(), "WAMP_PROFILE", None)?;
        let profile = Profile::load(name.as_deref())?;
        let serializer = parsed(self.serializer, "WAMP_SERIALIZER", SerializerWord::parse)?;
        let connect_timeout = parsed(
            self.connect_timeout,
            "WAMP_CONNECT_TIMEOUT",
            units::duration,
        )?;
        let timeout = parsed(patience.timeout, "WAMP_TIMEOUT", units::duration)?;
        let tls = self.tls(&profile)?;
        let shows_certificate = matches!(&tls, Some((_, true)));
        let mut credentials = credentials(self, &profile, shows_certificate)?;
        let mut inputs = Inputs::default();
        for (name, value) in &self.authextra {
            credentials = credentials.extra(name.as_str(), inputs.decoded(value)?)?;
        }
        let url = text(self.url.as_ref(), "WAMP_URL", profile.url.as_ref())?;
        let realm = text(self.realm.as_ref(), "WAMP_REALM", profile.realm.as_ref())?;
        let headers = match self.header.is_empty() {
            true => &profile.headers,
            false => &self.header,
        };
        Ok(Settings {
            url: url.unwrap_or_else(|| URL.to_owned()),
            realm: realm.unwrap_or_else(|| REALM.to_owned()),
            serializer: serializer.or(profile.serializer),
            credentials,
            tls: tls.map(|(tls, _)| tls),
            headers: headers.iter().map(header).collect::<Result<_, _>>()?,
            connect_timeout: connect_timeout
                .or(profile.connect_timeout)
                .unwrap_or(CONNECT_TIMEOUT),
            timeout: timeout.or(profile.timeout),
        })
    }

    /// And whether a certificate is shown.
    fn tls(&self, profile: &Profile) -> Result<Option<(Tls, bool)>, ClientFailure> {
        let ca_file = path(&self.ca_file, "WAMP_CA_FILE", &profile.ca_file)?;
        let cert = path(&self.cert, "WAMP_CERT", &profile.cert)?;
        let key = path(&self.key, "WAMP_KEY", &profile.key)?;
        if ca_file.is_none() && cert.is_none() && key.is_none() {
            return Ok(None);
        }
        let mut tls = Tls::new();
        if let Some(ca_file) = ca_file {
            tls = tls.authorities_file(ca_file);
        }
        let is_shown = cert.is_some();
        match (cert, key) {
            (Some(cert), key) => {
                let key = key.unwrap_or_else(|| cert.clone());
                tls = tls.certificate_files(cert, key);
            }
            (None, Some(_)) => {
                let what = "`--key` is the private key of a certificate, which `--cert` names";
                return Err(ClientFailure::Usage(what.to_owned()));
            }
            (None, None) => {}
        }
        Ok(Some((tls, is_shown)))
    }
}

/// A variable of the environment; one that is empty is as good as absent.
pub(super) fn variable(name: &str) -> Result<Option<String>, ClientFailure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|it| !it.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(ClientFailure::Usage(format!(
            "the variable {name} is not in UTF-8"
        ))),
    }
}

pub(super) fn text(
    given: Option<&String>,
    name: &str,
    kept: Option<&String>,
) -> Result<Option<String>, ClientFailure> {
    match given {
        Some(given) => Ok(Some(given.clone())),
        None => Ok(variable(name)?.or_else(|| kept.cloned())),
    }
}

fn path(
    given: &Option<PathBuf>,
    name: &str,
    kept: &Option<PathBuf>,
) -> Result<Option<PathBuf>, ClientFailure> {
    match given {
        Some(given) => Ok(Some(given.clone())),
        None => Ok(variable(name)?.map(PathBuf::from).or_else(|| kept.clone())),
    }
}

pub(super) fn parsed<T>(
    given: Option<T>,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, ClientFailure> {
    if given.is_some() {
        return Ok(given);
    }
    let Some(value) = variable(name)? else {
        return Ok(None);
    };
    let value = parse(&value).map_err(|error| ClientFailure::Usage(format!("{name}: {error}")));
    value.map(Some)
}

fn header(text: &Secret) -> Result<(String, String), ClientFailure> {
    let Some((name, value)) = text.expose().split_once(':') else {
        let what = "a header is a name and a value, as in `Origin: https://example.com`";
        return Err(ClientFailure::Usage(what.to_owned()));
    };
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

impl From<ConfigError> for ClientFailure {
    fn from(error: ConfigError) -> Self {
        Self::Profile(error)
    }
}
