//! Credentials from environment variables, or from anything that has names for them.

use super::credentials::Credentials;
use crate::error::ConnectError;

impl Credentials {
    /// What the environment says. The strongest method is offered first.
    ///
    /// | variable | what it is |
    /// |---|---|
    /// | `WAMP_AUTHID` | who we are |
    /// | `WAMP_PRIVATE_KEY` | a key for cryptosign, 64 hexadecimal digits |
    /// | `WAMP_SECRET` | a password for SCRAM (if there is an authid) and WAMP-CRA |
    /// | `WAMP_TICKET` | a ticket |
    /// | `WAMPYSECRET` | if neither of the two above is there: a secret for WAMP-CRA that is a ticket, too, as in wampy |
    ///
    /// Variables that are empty are as good as absent.
    ///
    /// # Errors
    ///
    /// When a variable makes no sense.
    pub fn from_env() -> Result<Self, ConnectError> {
        Self::from_variables(|name| match std::env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(ConnectError::Config(format!(
                "the variable {name} is not in UTF-8"
            ))),
        })
    }

    /// The same with variables that are looked up elsewhere, such as in a file.
    ///
    /// # Errors
    ///
    /// When a variable makes no sense, and those of the look-up.
    pub fn from_variables(
        find: impl Fn(&'static str) -> Result<Option<String>, ConnectError>,
    ) -> Result<Self, ConnectError> {
        let find = |name| find(name).map(|it| it.filter(|value| !value.is_empty()));
        let mut credentials = Self::new();
        let authid = find("WAMP_AUTHID")?;
        let has_authid = authid.is_some();
        if let Some(authid) = authid {
            credentials = credentials.authid(authid);
        }
        if let Some(seed) = find("WAMP_PRIVATE_KEY")? {
            credentials = credentials.cryptosign_hex(&seed).map_err(|_| {
                ConnectError::Config("WAMP_PRIVATE_KEY must have 64 hexadecimal digits".to_owned())
            })?;
        }
        let (secret, ticket) = (find("WAMP_SECRET")?, find("WAMP_TICKET")?);
        let (cra, ticket) = match (&secret, ticket) {
            (None, None) => {
                let both = find("WAMPYSECRET")?;
                (both.clone(), both)
            }
            (secret, ticket) => (secret.clone(), ticket),
        };
        if let Some(password) = secret.filter(|_| has_authid) {
            credentials = credentials.scram(password);
        }
        if let Some(secret) = cra {
            credentials = credentials.cra(secret);
        }
        if let Some(ticket) = ticket {
            credentials = credentials.ticket(ticket);
        }
        Ok(credentials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<String, String> {
        let credentials = Credentials::from_variables(|name| {
            let mut all = variables.iter();
            let found = all.find(|(known, _)| *known == name);
            Ok(found.map(|(_, value)| (*value).to_owned()))
        });
        match credentials {
            Ok(it) => Ok(format!("{:?} {:?}", it.authid.as_deref(), it.methods)),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn variables_become_methods() {
        let key = "01".repeat(32);
        for (variables, expected) in [
            (&[][..], "None []"),
            (&[("WAMP_AUTHID", "joe")], r#"Some("joe") []"#),
            (&[("WAMP_AUTHID", ""), ("WAMP_TICKET", "")], "None []"),
            (&[("WAMP_TICKET", "a")], "None [ticket]"),
            (&[("WAMP_SECRET", "a")], "None [wampcra]"),
            (&[("WAMP_PRIVATE_KEY", key.as_str())], "None [cryptosign]"),
            (
                &[("WAMP_SECRET", "a"), ("WAMP_AUTHID", "joe")],
                r#"Some("joe") [scram, wamp-scram, wampcra]"#,
            ),
            (&[("WAMPYSECRET", "a")], "None [wampcra, ticket]"),
            (
                &[("WAMPYSECRET", "a"), ("WAMP_SECRET", "b")],
                "None [wampcra]",
            ),
            (
                &[("WAMPYSECRET", "a"), ("WAMP_TICKET", "b")],
                "None [ticket]",
            ),
            (
                &[
                    ("WAMP_TICKET", "a"),
                    ("WAMP_SECRET", "b"),
                    ("WAMP_PRIVATE_KEY", key.as_str()),
                    ("WAMP_AUTHID", "joe"),
                ],
                r#"Some("joe") [cryptosign, scram, wamp-scram, wampcra, ticket]"#,
            ),
        ] {
            assert_eq!(read(variables).as_deref(), Ok(expected), "{variables:?}");
        }
    }

    #[test]
    fn a_bad_key_is_not_shown() {
        let error = read(&[("WAMP_PRIVATE_KEY", "hunter2")]).expect_err("it is bad");
        assert!(error.contains("WAMP_PRIVATE_KEY"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
