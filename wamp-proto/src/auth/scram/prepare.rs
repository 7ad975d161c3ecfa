//! Text that is typed by people, so that what looks the same is the same.

use std::borrow::Cow;

/// SASLprep, RFC 4013. Nothing if the text has forbidden characters, or if nothing is left of it.
pub(super) fn saslprep(text: &str) -> Option<Cow<'_, str>> {
    stringprep::saslprep(text)
        .ok()
        .filter(|prepared| !prepared.is_empty())
}

/// Keeps the separators of SCRAM out of a name. RFC 5802, section 5.1, `saslname`.
pub(super) fn escape(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saslprep_agrees_with_rfc_4013() {
        for (text, prepared) in [
            ("I\u{ad}X", Some("IX")),
            ("user", Some("user")),
            ("USER", Some("USER")),
            ("\u{aa}", Some("a")),
            ("\u{2168}", Some("IX")),
            ("\u{7}", None),
            ("\u{627}\u{31}", None),
            ("", None),
            ("\u{ad}", None),
        ] {
            assert_eq!(saslprep(text).as_deref(), prepared, "{text:?}");
        }
    }

    #[test]
    fn separators_are_escaped_once() {
        assert_eq!(escape("a,b=c"), "a=2Cb=3Dc");
    }
}
