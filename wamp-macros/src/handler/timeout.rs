//! `timeout = "30s"` and `timeout = none`.

use proc_macro2::Ident;
use syn::parse::{Parse, ParseStream};
use syn::{Error, LitStr, Result};

/// How long one call may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Timeout {
    /// Nothing is said: the runtime's default.
    #[default]
    Default,
    None,
    Millis(u64),
}

impl Parse for Timeout {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            return match millis(&literal.value()) {
                Some(millis) => Ok(Self::Millis(millis)),
                None => Err(Error::new_spanned(literal, EXPECTED)),
            };
        }
        let here = input.span();
        match input.parse::<Ident>() {
            Ok(word) if word == "none" => Ok(Self::None),
            _ => Err(Error::new(here, EXPECTED)),
        }
    }
}

const EXPECTED: &str = "expected a whole number above zero with a unit, `ms`, `s`, `m` or `h`, or else the word `none`";

fn millis(text: &str) -> Option<u64> {
    let digits = text.find(|char: char| !char.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let millis = number.parse::<u64>().ok()?.checked_mul(factor)?;
    (millis > 0).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        let read = |text| syn::parse_str::<Timeout>(text).ok();
        assert_eq!(read(r#""500ms""#), Some(Timeout::Millis(500)));
        assert_eq!(read(r#""30s""#), Some(Timeout::Millis(30_000)));
        assert_eq!(read(r#""5m""#), Some(Timeout::Millis(300_000)));
        assert_eq!(read(r#""1h""#), Some(Timeout::Millis(3_600_000)));
        assert_eq!(read("none"), Some(Timeout::None));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            r#""""#,
            r#""30""#,
            r#""s""#,
            r#""0s""#,
            r#""1.5s""#,
            r#""-1s""#,
            r#""30 s""#,
            r#""1d""#,
            r#""9999999999999999999h""#,
            "30",
            "never",
        ] {
            let error = syn::parse_str::<Timeout>(text).expect_err(text);
            assert_eq!(error.to_string(), EXPECTED);
        }
    }
}
