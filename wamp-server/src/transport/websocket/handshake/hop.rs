//! The header `Forwarded` (RFC 7239): each proxy adds an element to it.

use super::forwarded::Unclear;

/// One proxy's element, not interpreted.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Hop {
    pub(super) client: Option<String>,
    pub(super) scheme: Option<String>,
    pub(super) host: Option<String>,
}

impl Hop {
    /// The elements of one line, in order. A quote that a client has left open does not swallow what the proxy added behind it: such a
    /// line is no line.
    pub(super) fn parse_line(line: &str) -> Result<Vec<Self>, Unclear> {
        split(line, ',')?.into_iter().map(Self::parse).collect()
    }

    fn parse(element: &str) -> Result<Self, Unclear> {
        let mut hop = Self::default();
        for pair in split(element, ';')? {
            let (name, value) = pair.split_once('=').ok_or(Unclear)?;
            let value = unquote(value.trim())?;
            let field = match &*name.trim().to_ascii_lowercase() {
                "for" => &mut hop.client,
                "proto" => &mut hop.scheme,
                "host" => &mut hop.host,
                _ => continue,
            };
            if field.replace(value).is_some() {
                return Err(Unclear);
            }
        }
        Ok(hop)
    }
}

/// Splits where the separator is not in a quoted string; empty parts are nothing.
fn split(text: &str, separator: char) -> Result<Vec<&str>, Unclear> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text
        .split(|it: char| {
            let end = it == separator && !quoted;
            quoted ^= it == '"' && !escaped;
            escaped = quoted && it == '\\' && !escaped;
            end
        })
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    if quoted { Err(Unclear) } else { Ok(parts) }
}

/// A token, or a quoted string, as a whole.
fn unquote(text: &str) -> Result<String, Unclear> {
    let Some(quoted) = text.strip_prefix('"') else {
        let is_token = !text.contains('"');
        return is_token.then(|| text.to_owned()).ok_or(Unclear);
    };
    let mut value = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next().ok_or(Unclear)? {
            '"' => break,
            '\\' => value.push(rest.next().ok_or(Unclear)?),
            other => value.push(other),
        }
    }
    rest.next().is_none().then_some(value).ok_or(Unclear)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients(line: &str) -> Result<Vec<String>, Unclear> {
        let hops = Hop::parse_line(line)?;
        let clients = hops.into_iter().map(|it| it.client.unwrap_or_default());
        Ok(clients.collect())
    }

    #[test]
    fn separators_in_quotes_separate_nothing() {
        for (line, expected) in [
            ("for=a, for=b", &["a", "b"][..]),
            (r#"for="a,b;c""#, &["a,b;c"]),
            (r#"for="a\"b\\", for=c"#, &[r#"a"b\"#, "c"]),
            (r#"x="a\",";for=b"#, &["b"]),
            (" , for = a ; , ", &["a"]),
            ("", &[]),
        ] {
            let expected = expected.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(clients(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn quotes_that_are_open_or_in_the_middle_are_refused() {
        for line in [
            r#"for=1.1.1.1;x=", for=203.0.113.9"#,
            r#"for=1.1.1.1;x=", for="[2001:db8::1]""#,
            r#"for=1.1.1.1;x="\, for="[2001:db8::1]""#,
            r#"for=1.1.1.1;x="a"b"#,
            r#"for=1.1.1.1;x=a"b""#,
            r#"for=""""#,
            r#"for="a\"#,
            r#"for="a\""#,
            "for",
            "for=a;for=b",
            r#"for=a"", for=b"#,
        ] {
            assert_eq!(clients(line), Err(Unclear), "{line}");
        }
    }
}
