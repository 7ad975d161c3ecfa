//! Sizes and times as people write them.

use std::time::Duration;

/// A number of bytes: `4096`, `64 KiB`, `1 MB`.
///
/// # Errors
///
/// When it is none, or too large.
pub(crate) fn size(text: &str) -> Result<usize, String> {
    let text = text.trim();
    let digits = text.len()
        - text
            .trim_start_matches(|it: char| it.is_ascii_digit())
            .len();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim_start() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        _ => return Err(SIZE.to_owned()),
    };
    let number = number.parse::<u64>().map_err(|_| SIZE.to_owned())?;
    let bytes = number.checked_mul(factor);
    let bytes = bytes.and_then(|it| usize::try_from(it).ok());
    bytes.ok_or_else(|| format!("`{text}` is too large"))
}

/// A time: `500ms`, `5s`, `1h 30m`.
///
/// # Errors
///
/// When it is none.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim()).map_err(|_| DURATION.to_owned())
}

/// What is expected.
pub(crate) const SIZE: &str = "expected a size, as in 4096 or \"64 KiB\"";
pub(crate) const DURATION: &str = "expected a time, as in \"5s\" or \"1h 30m\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_a_thousand_or_of_1024() {
        for (text, expected) in [
            ("0", 0),
            ("4096", 4096),
            ("12 B", 12),
            ("1kB", 1000),
            (" 64 KiB ", 65_536),
            ("2 MB", 2_000_000),
            ("1 MiB", 1_048_576),
            ("1GiB", 1_073_741_824),
        ] {
            assert_eq!(size(text), Ok(expected), "{text}");
        }
        for text in ["", "MiB", "-1", "1.5 MiB", "1 mib", "1 KiB x", "1 Kib"] {
            assert_eq!(size(text), Err(SIZE.to_owned()), "{text}");
        }
        assert_eq!(
            size("99999999999 GiB"),
            Err("`99999999999 GiB` is too large".to_owned())
        );
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for text in ["", "5", "five seconds", "-5s"] {
            assert_eq!(duration(text), Err(DURATION.to_owned()), "{text}");
        }
    }
}
