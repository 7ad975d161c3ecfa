//! What the four attributes have in common and where they differ.

/// One of the attributes on functions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Procedure,
    Session,
    Subscriber,
    Topic,
}

impl Kind {
    /// The attribute's name.
    pub(crate) const fn attribute(self) -> &'static str {
        match self {
            Self::Procedure => "procedure",
            Self::Session => "session",
            Self::Subscriber => "subscriber",
            Self::Topic => "topic",
        }
    }

    /// The options besides the URI, each shown with a good value.
    pub(crate) const fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Procedure => &[
                ("prefix", PREFIX),
                ("regex", REGEX),
                ("realm", REALM),
                ("strict", "strict"),
                ("timeout", r#"timeout = "30s""#),
                ("concurrency", "concurrency = 4"),
                ("roles", ROLES),
                ("disclose_caller", "disclose_caller"),
                ("rename_all", RENAME_ALL),
                ("blocking", "blocking"),
                ("crate", CRATE),
            ],
            Self::Session => &[
                ("realm", REALM),
                ("unauthenticated", "unauthenticated"),
                ("crate", CRATE),
            ],
            Self::Subscriber => &[
                ("prefix", PREFIX),
                ("regex", REGEX),
                ("realm", REALM),
                ("strict", "strict"),
                ("roles", ROLES),
                ("rename_all", RENAME_ALL),
                ("crate", CRATE),
            ],
            Self::Topic => &[
                ("prefix", PREFIX),
                ("regex", REGEX),
                ("realm", REALM),
                ("roles", ROLES),
                ("crate", CRATE),
            ],
        }
    }

    /// Whether a client sends values when such a function runs: nobody does with SUBSCRIBE, nor when a session opens.
    pub(crate) const fn takes_arguments(self) -> bool {
        matches!(self, Self::Procedure | Self::Subscriber)
    }

    /// A good URI, or `None` where there is none to give.
    pub(crate) const fn uri(self) -> Option<&'static str> {
        match self {
            Self::Procedure => Some("com.example.add"),
            Self::Session => None,
            Self::Subscriber | Self::Topic => Some("com.example.news"),
        }
    }
}

const PREFIX: &str = r#"prefix = "files.""#;
const REGEX: &str = r#"regex = r"^files\.\d+$""#;
const REALM: &str = r#"realm = "admins""#;
const ROLES: &str = r#"roles("admin", "staff")"#;
const RENAME_ALL: &str = r#"rename_all = "camelCase""#;
const CRATE: &str = "crate = path::to::wamp_server";
