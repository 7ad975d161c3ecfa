//! From the arguments of `wamp.subscription.get_events` to a query.

use std::time::{Duration, SystemTime};

use bytestring::ByteString;
use serde::Deserialize;
use wamp_proto::codec::{Format, from_slice};
use wamp_proto::payload::Payload;
use wamp_uri::Rule;

use super::EventQuery;
use crate::handler::CallError;

impl EventQuery {
    /// The query with what the arguments of a call say. The second one by position is the limit, as for Crossbar.io; the others have names.
    /// Unknown ones are ignored; null is as good as absent.
    ///
    /// # Errors
    ///
    /// `wamp.error.invalid_argument` with the name of the argument that is wrong.
    pub(crate) fn with_arguments(mut self, call: &Payload) -> Result<Self, CallError> {
        if let Some(value) = call.elements().nth(1) {
            self.set(&Argument {
                name: "limit",
                format: call.format(),
                value,
            })?;
        }
        for (name, value) in call.entries() {
            self.set(&Argument {
                name: &name,
                format: call.format(),
                value,
            })?;
        }
        Ok(self)
    }

    fn set(&mut self, argument: &Argument<'_>) -> Result<(), CallError> {
        match argument.name {
            "reverse" => self.reverse = argument.read()?.unwrap_or(false),
            "limit" => self.limit = argument.limit()?.unwrap_or(Self::MAX_LIMIT),
            "topic" => self.topic = argument.topic()?,
            "from_time" => self.from_time = argument.time()?,
            "after_time" => self.after_time = argument.time()?,
            "before_time" => self.before_time = argument.time()?,
            "until_time" => self.until_time = argument.time()?,
            "from_publication" => self.from_publication = argument.read()?,
            "after_publication" => self.after_publication = argument.read()?,
            "before_publication" => self.before_publication = argument.read()?,
            "until_publication" => self.until_publication = argument.read()?,
            _ => {}
        }
        Ok(())
    }
}

/// A keyword argument.
struct Argument<'a> {
    name: &'a str,
    format: Format,
    value: &'a [u8],
}

impl<'a> Argument<'a> {
    fn read<T: Deserialize<'a>>(&self) -> Result<Option<T>, CallError> {
        from_slice(self.format, self.value).map_err(|error| self.wrong(error.message()))
    }

    /// More than there may be is as much as there may be.
    fn limit(&self) -> Result<Option<usize>, CallError> {
        match self.read::<u64>()? {
            Some(0) => Err(self.wrong("must be at least 1")),
            Some(limit) => Ok(Some(
                usize::try_from(limit)
                    .unwrap_or(usize::MAX)
                    .min(EventQuery::MAX_LIMIT),
            )),
            None => Ok(None),
        }
    }

    fn topic(&self) -> Result<Option<ByteString>, CallError> {
        let Some(topic) = self.read::<String>()? else {
            return Ok(None);
        };
        wamp_uri::check(&topic, Rule::Loose).map_err(|error| self.wrong(&error.to_string()))?;
        Ok(Some(topic.into()))
    }

    fn time(&self) -> Result<Option<SystemTime>, CallError> {
        let Some(text) = self.read::<String>()? else {
            return Ok(None);
        };
        let time = parse_time(&text).ok_or_else(|| {
            self.wrong("must be a time such as `2026-01-31T23:59:59.5Z` (RFC 3339)")
        })?;
        Ok(Some(time))
    }

    fn wrong(&self, message: &str) -> CallError {
        CallError::bad_argument(self.name, self.name, message)
    }
}

/// A time as RFC 3339 wants it written. Offsets of time zones are understood, because that is how Python writes UTC.
fn parse_time(text: &str) -> Option<SystemTime> {
    let text = text.to_ascii_uppercase();
    if text.ends_with('Z') {
        return humantime::parse_rfc3339(&text).ok();
    }
    let (local, offset) = text.split_at_checked(text.len().checked_sub("+00:00".len())?)?;
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let number = |text: &str, end: u64| {
        let is_number = text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
        let number = text.parse::<u64>().ok();
        number.filter(|it| is_number && *it < end)
    };
    let offset_by = Duration::from_secs(number(hours, 24)? * 3600 + number(minutes, 60)? * 60);
    let local = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    match offset.get(..1)? {
        "+" => local.checked_sub(offset_by),
        "-" => local.checked_add(offset_by),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use wamp_proto::id::Id;
    use wamp_uri::Match;

    use super::*;

    fn parse(kwargs: &'static str) -> Result<EventQuery, String> {
        let call = Payload::new(Format::Json, None, Some(kwargs.into()));
        let query = EventQuery::new("a.", Match::Prefix).with_arguments(&call);
        query.map_err(wrong)
    }

    /// The argument that is wrong.
    fn wrong(error: CallError) -> String {
        assert_eq!(error.uri(), "wamp.error.invalid_argument");
        let (_, payload, _) = error.into_parts();
        let payload = payload.build(Format::Json).unwrap();
        let kwargs = payload.decode_kwargs::<std::collections::HashMap<String, String>>();
        kwargs.unwrap().remove("argument").unwrap()
    }

    fn at(seconds: u64) -> Option<SystemTime> {
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn every_argument_of_the_specification_is_understood() {
        let found = parse(
            r#"{"reverse":true,"limit":7,"topic":"a.b","from_time":"1970-01-01T00:00:01Z","after_time":"1970-01-01t00:00:02z",
            "before_time":"1970-01-01T01:00:03+01:00","until_time":"1970-01-01T00:00:04.000-00:00","from_publication":1,
            "after_publication":2,"before_publication":3,"until_publication":4,"other":[5]}"#,
        );
        let expected = EventQuery {
            reverse: true,
            limit: 7,
            topic: Some("a.b".into()),
            from_time: at(1),
            after_time: at(2),
            before_time: at(3),
            until_time: at(4),
            from_publication: Id::new(1),
            after_publication: Id::new(2),
            before_publication: Id::new(3),
            until_publication: Id::new(4),
            ..EventQuery::new("a.", Match::Prefix)
        };
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn the_second_argument_is_the_limit_unless_there_is_one_by_name() {
        let limit = |args: &'static str, kwargs: &'static str| {
            let call = Payload::new(Format::Json, Some(args.into()), Some(kwargs.into()));
            let query = EventQuery::new("a.", Match::Prefix).with_arguments(&call);
            query.map(|it| it.limit).map_err(wrong)
        };
        assert_eq!(limit("[1,10]", "{}"), Ok(10));
        assert_eq!(limit("[1,10]", r#"{"limit":3}"#), Ok(3));
        assert_eq!(limit("[1,null]", "{}"), Ok(1000));
        assert_eq!(limit("[1]", "{}"), Ok(1000));
        for wrong in ["[1,0]", "[1,-1]", r#"[1,"10"]"#, "[1,{}]"] {
            assert_eq!(limit(wrong, "{}"), Err("limit".into()), "{wrong}");
        }
    }

    #[test]
    fn null_and_nothing_are_the_same() {
        let nothing = Ok(EventQuery::new("a.", Match::Prefix));
        assert_eq!(parse("{}"), nothing);
        let nulls = r#"{"reverse":null,"limit":null,"topic":null,"from_time":null,"until_publication":null}"#;
        assert_eq!(parse(nulls), nothing);
    }

    #[test]
    fn nobody_gets_more_than_the_limit() {
        assert_eq!(parse(r#"{"limit":1000000}"#).unwrap().limit, 1000);
        assert_eq!(
            parse(r#"{"limit":18446744073709551615}"#).unwrap().limit,
            1000
        );
    }

    #[test]
    fn a_wrong_argument_is_named() {
        for (wrong, name) in [
            (r#"{"limit":0}"#, "limit"),
            (r#"{"limit":-1}"#, "limit"),
            (r#"{"reverse":1}"#, "reverse"),
            (r#"{"topic":"a b"}"#, "topic"),
            (r#"{"topic":3}"#, "topic"),
            (r#"{"from_publication":0}"#, "from_publication"),
            (r#"{"after_publication":"1"}"#, "after_publication"),
            (
                r#"{"before_publication":9007199254740993}"#,
                "before_publication",
            ),
            (r#"{"until_publication":[]}"#, "until_publication"),
            (r#"{"from_time":1}"#, "from_time"),
            (r#"{"from_time":""}"#, "from_time"),
            (r#"{"after_time":"today"}"#, "after_time"),
            (r#"{"before_time":"2026-01-01"}"#, "before_time"),
            (r#"{"before_time":"2026-01-01T00:00:00"}"#, "before_time"),
            (r#"{"until_time":"2026-01-01T00:00:00+1:00"}"#, "until_time"),
            (
                r#"{"until_time":"2026-01-01T00:00:00+24:00"}"#,
                "until_time",
            ),
            (
                r#"{"until_time":"2026-01-01T00:00:00*01:00"}"#,
                "until_time",
            ),
            (r#"{"until_time":"2026-01-01T00:00:00+😀0"}"#, "until_time"),
            (r#"{"until_time":"2026-13-01T00:00:00Z"}"#, "until_time"),
        ] {
            assert_eq!(parse(wrong), Err(name.into()), "{wrong}");
        }
    }

    #[test]
    fn offsets_of_time_zones_count() {
        let utc = parse_time("2026-01-31T12:00:00.25Z").unwrap();
        assert_eq!(parse_time("2026-01-31T12:00:00.25+00:00"), Some(utc));
        assert_eq!(parse_time("2026-01-31T14:30:00.250+02:30"), Some(utc));
        assert_eq!(parse_time("2026-01-31T04:00:00.250000-08:00"), Some(utc));
    }
}
