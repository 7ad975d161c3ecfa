//! `[[listener]]`: where the router listens, and the certificate that it shows there.

use std::fmt;
use std::path::{Path, PathBuf};

use wamp_server::transport::tls::{ClientCertificates, PemSource};
use wamp_server::{Tls, TlsError};

use super::reading::{At, Section, Value};
use crate::exit::Chain;

/// Where the router listens.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listener {
    pub(crate) endpoint: Endpoint,
    pub(crate) tls: Option<ListenerTls>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Host and port.
    Tcp(String),
    /// A Unix socket, and who may connect to it.
    Unix { path: PathBuf, mode: Option<u32> },
}

/// A certificate, and who may connect.
#[derive(Clone)]
pub(crate) struct ListenerTls {
    pub(crate) tls: Tls,
    cert: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
    required: bool,
}

impl ListenerTls {
    pub(crate) fn asks_for_certificates(&self) -> bool {
        self.client_ca.is_some()
    }
}

/// Of the same files: what is in them may have changed.
impl PartialEq for ListenerTls {
    fn eq(&self, other: &Self) -> bool {
        (&self.cert, &self.key, &self.client_ca, self.required)
            == (&other.cert, &other.key, &other.client_ca, other.required)
    }
}

impl fmt::Debug for ListenerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tls.fmt(f)
    }
}

impl Listener {
    /// Of an address as it is written on the command line: `host:port`, or `unix:` and a path.
    ///
    /// # Errors
    ///
    /// When it is neither.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let endpoint = match text.strip_prefix("unix:") {
            Some(path) => unix(Path::new(path), None)?,
            None => tcp(text)?,
        };
        Ok(Self {
            endpoint,
            tls: None,
        })
    }

    pub(super) fn read(section: &mut Section<'_>, folder: &Path) -> Option<At<Self>> {
        let address = section.get("address", |it| it.parsed(tcp));
        let at = section.at;
        let mode = section.get("mode", Value::number);
        let path = section.get("unix", |value| {
            let path = folder.join(value.text()?);
            value.parsed(|_| unix(&path, mode.as_ref().map(|it| it.value)))
        });
        let tls = section.get("tls", |value| {
            value.section(|section| tls(section, folder)).flatten()
        });
        let is_given = |key| section.place(key).is_some();
        if is_given("address") == is_given("unix") {
            section
                .notes
                .add(at, "expected one of `address` and `unix`");
        }
        if let Some(mode) = &mode {
            if is_given("address") {
                section.notes.add(mode.at, "`mode` is for Unix sockets");
            } else if mode.value > 0o777 {
                let mistake = "expected permissions, as in 0o660";
                section.notes.add(mode.at, mistake);
            }
        }
        if let (Some(_), Some(place)) = (&path, section.place("tls")) {
            section
                .notes
                .add(place, "there is no TLS over Unix sockets");
        }
        let endpoint = address.or(path)?;
        Some(At {
            at: endpoint.at,
            value: Self {
                endpoint: endpoint.value,
                tls: tls.map(|it| it.value),
            },
        })
    }

    /// Whether there can be one such listener only.
    pub(super) fn conflicts_with(&self, other: &Self) -> bool {
        match &self.endpoint {
            Endpoint::Tcp(address) if address.ends_with(":0") => false,
            endpoint => *endpoint == other.endpoint,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => f.write_str(address),
            Self::Unix { path, .. } => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Whether the host exists is found out when it is listened on.
fn tcp(text: &str) -> Result<Endpoint, String> {
    let parts = text.rsplit_once(':');
    let good = parts.is_some_and(|(host, port)| {
        let bare = !host.contains(':') || host.starts_with('[') && host.ends_with(']');
        !host.is_empty() && bare && port.parse::<u16>().is_ok()
    });
    if good {
        Ok(Endpoint::Tcp(text.to_owned()))
    } else {
        Err(format!(
            "`{text}` is no address: expected a host and a port, as in `127.0.0.1:8080` or `[::1]:8080`"
        ))
    }
}

fn unix(path: &Path, mode: Option<u32>) -> Result<Endpoint, String> {
    if !cfg!(unix) {
        return Err("there are no Unix sockets on this system".to_owned());
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    if path.file_name().is_none() {
        return Err("expected the path of a socket".to_owned());
    }
    if folder.is_some_and(|it| !it.is_dir()) {
        let path = path.display();
        return Err(format!("the folder of `{path}` does not exist"));
    }
    Ok(Endpoint::Unix {
        path: path.to_owned(),
        mode,
    })
}

fn tls(section: &mut Section<'_>, folder: &Path) -> Option<ListenerTls> {
    let path = |value: Value<'_>| Some(folder.join(value.text()?));
    let cert = section.need("cert", path);
    let key = section.need("key", path);
    let client_ca = section.get("client_ca", path);
    let clients = section.get("client_certificates", |value| {
        value.parsed(|text| match text {
            "required" => Ok(true),
            "optional" => Ok(false),
            _ => Err("expected \"required\" or \"optional\"".to_owned()),
        })
    });
    if let (Some(clients), None) = (&clients, section.place("client_ca")) {
        let mistake = "`client_certificates` needs `client_ca`: who has signed them";
        section.notes.add(clients.at, mistake);
    }
    let required = clients.is_none_or(|it| it.value);
    let (cert, key) = (cert?, key?);
    let tls = match Tls::from_files(&cert.value, &key.value) {
        Ok(tls) => tls,
        Err(error) => {
            let at = if is_about(&error, &key.value) {
                key.at
            } else {
                cert.at
            };
            section.notes.add(at, Chain(&error).to_string());
            return None;
        }
    };
    let tls = match &client_ca {
        None => tls,
        Some(file) => {
            let clients = if required {
                ClientCertificates::required_from_file(&file.value)
            } else {
                ClientCertificates::optional_from_file(&file.value)
            };
            match clients.and_then(|clients| tls.client_certificates(clients)) {
                Ok(tls) => tls,
                Err(error) => {
                    section.notes.add(file.at, Chain(&error).to_string());
                    return None;
                }
            }
        }
    };
    Some(ListenerTls {
        tls,
        cert: cert.value,
        key: key.value,
        client_ca: client_ca.map(|it| it.value),
        required,
    })
}

fn is_about(error: &TlsError, file: &Path) -> bool {
    match error {
        TlsError::Read { path, .. } => path == file,
        TlsError::Key { pem, .. } => matches!(pem, PemSource::File(path) if path == file),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for text in ["127.0.0.1:8080", "[::1]:0", "localhost:1", "0.0.0.0:65535"] {
            assert_eq!(tcp(text), Ok(Endpoint::Tcp(text.to_owned())));
        }
        for text in ["", "8080", ":8080", "localhost", "::1:80", "a:b", "a:65536"] {
            assert!(tcp(text).is_err(), "{text}");
        }
    }
}
