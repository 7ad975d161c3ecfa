//! From events to the answer of `wamp.subscription.get_events`.

use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use wamp_proto::codec::{EncodeError, Format, TranscodeError, Write as _};
use wamp_proto::id::Id;
use wamp_proto::message::Event;
use wamp_proto::payload::Payload;
use wamp_uri::Match;

use super::StoredEvent;
use super::query::{from_micros, micros};

/// The last microsecond of the year 9999.
const LAST_MICRO: i64 = 253_402_300_799_999_999;

/// The subscription whose history was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) subscription: Id,
    pub(crate) matching: Match,
}

/// The events as arguments of the answer, one by one. Their payloads are not decoded. One that this format cannot say is left out, as it is
/// for subscribers.
///
/// # Errors
///
/// If the list cannot be written at all, which no built-in format does.
pub(crate) fn to_payload(
    events: &[StoredEvent],
    asked: Asked,
    format: Format,
) -> Result<Payload, EncodeError> {
    let mut entries = Vec::with_capacity(events.len());
    for event in events {
        match entry(event, asked, format) {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                tracing::debug!(publication = event.publication.get(), format = format.name(), %error,
                    "an event of the history is not shown to those who use this serializer");
            }
        }
    }
    let mut list = BytesMut::new();
    let mut writer = format.writer(&mut list);
    writer.seq(Some(entries.len()))?;
    entries.iter().try_for_each(|entry| writer.raw(entry))?;
    writer.end()?;
    drop(writer);
    Ok(Payload::new(format, Some(list.freeze()), None))
}

/// `{timestamp, subscription, publication, details, args?, kwargs?}`
fn entry(event: &StoredEvent, asked: Asked, format: Format) -> Result<Bytes, TranscodeError> {
    let payload = event.payload.transcode(format)?;
    let details = details(event, asked, format)?;
    let optional = [
        ("args", payload.args_raw()),
        ("kwargs", payload.kwargs_raw()),
    ];
    let optional = optional
        .into_iter()
        .filter_map(|(key, raw)| Some((key, raw?)));

    let mut out = BytesMut::with_capacity(payload.len() + details.len() + 128);
    let mut writer = format.writer(&mut out);
    writer.map(Some(4 + optional.clone().count()))?;
    writer.str("timestamp")?;
    writer.str(&timestamp(event.timestamp))?;
    writer.str("subscription")?;
    writer.u64(asked.subscription.get())?;
    writer.str("publication")?;
    writer.u64(event.publication.get())?;
    writer.str("details")?;
    writer.raw(&details)?;
    for (key, raw) in optional {
        writer.str(key)?;
        writer.raw(raw)?;
    }
    writer.end()?;
    drop(writer);
    Ok(out.freeze())
}

/// The details of the EVENT, with the topic if the subscription does not tell it.
fn details(event: &StoredEvent, asked: Asked, format: Format) -> Result<Bytes, EncodeError> {
    let mut details = event.details.clone();
    if asked.matching != Match::Exact {
        details.topic = Some(event.topic.clone());
    }
    let message = Event {
        subscription: asked.subscription,
        publication: event.publication,
        details,
        payload: Payload::empty(format),
    };
    let mut out = BytesMut::new();
    message.encode(format, &mut out)?;
    // They are the last element of the message.
    let elements = Payload::new(format, Some(out.freeze()), None);
    let details = elements.elements().last();
    Ok(Bytes::copy_from_slice(details.unwrap_or_default()))
}

/// As RFC 3339 wants it written.
fn timestamp(time: SystemTime) -> String {
    let micros = micros(time).clamp(0, LAST_MICRO);
    humantime::format_rfc3339_micros(from_micros(micros)).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};
    use wamp_proto::message::details::{EventDetails, Publisher};

    use super::*;

    fn event(payload: Payload) -> StoredEvent {
        StoredEvent {
            publication: Id::new(7).unwrap(),
            topic: "a.b".into(),
            timestamp: SystemTime::UNIX_EPOCH + Duration::from_millis(1500),
            payload,
            details: EventDetails {
                trustlevel: Some(2),
                publisher: Some(Box::new(Publisher {
                    authid: Some("ann".into()),
                    ..Publisher::default()
                })),
                ..EventDetails::default()
            },
            receivers: Default::default(),
        }
    }

    fn asked(matching: Match) -> Asked {
        let subscription = Id::new(3).unwrap();
        Asked {
            subscription,
            matching,
        }
    }

    /// What a caller that uses `format` gets, looked at in JSON.
    fn shown(events: &[StoredEvent], matching: Match, format: Format) -> Value {
        let payload = to_payload(events, asked(matching), format).unwrap();
        assert_eq!(payload.format(), format);
        payload
            .transcode(Format::Json)
            .unwrap()
            .decode_args()
            .unwrap()
    }

    const FORMATS: [Format; 3] = [Format::Json, Format::MsgPack, Format::Cbor];

    #[test]
    fn callers_get_events_in_their_own_format() {
        for (from, to) in FORMATS
            .iter()
            .flat_map(|from| FORMATS.map(|to| (*from, to)))
        {
            let args = Payload::from_value(from, &(1, "two")).unwrap();
            let mut events = [event(args), event(Payload::empty(from))];
            events[1].details = EventDetails::default();
            let expected = json!([
                {
                    "timestamp": "1970-01-01T00:00:01.500000Z",
                    "subscription": 3,
                    "publication": 7,
                    "details": { "trustlevel": 2, "publisher_authid": "ann" },
                    "args": [1, "two"],
                },
                {
                    "timestamp": "1970-01-01T00:00:01.500000Z",
                    "subscription": 3,
                    "publication": 7,
                    "details": {},
                },
            ]);
            assert_eq!(shown(&events, Match::Exact, to), expected);
        }
    }

    #[test]
    fn subscribers_of_a_pattern_learn_the_topic() {
        let kwargs = Payload::new(Format::Json, None, Some(r#"{"k":1}"#.into()));
        for format in FORMATS {
            let shown = shown(&[event(kwargs.clone())], Match::Prefix, format);
            assert_eq!(shown[0]["details"]["topic"], "a.b");
            assert_eq!(shown[0].get("args"), None);
            assert_eq!(shown[0]["kwargs"], json!({ "k": 1 }));
        }
    }

    #[test]
    fn what_a_format_cannot_say_is_left_out() {
        let infinite = Payload::from_value(Format::Cbor, &f64::INFINITY).unwrap();
        let finite = Payload::from_value(Format::Cbor, &1.5).unwrap();
        let shown = shown(
            &[event(infinite), event(finite)],
            Match::Exact,
            Format::Json,
        );
        assert_eq!(shown.as_array().unwrap().len(), 1);
        assert_eq!(shown[0]["args"], json!([1.5]));
    }

    #[test]
    fn no_timestamp_is_too_odd_to_be_written() {
        let hour = Duration::from_secs(3600);
        assert_eq!(
            timestamp(SystemTime::UNIX_EPOCH - hour),
            "1970-01-01T00:00:00.000000Z"
        );
        let end = from_micros(LAST_MICRO);
        assert_eq!(timestamp(end), "9999-12-31T23:59:59.999999Z");
        assert_eq!(timestamp(end + hour), "9999-12-31T23:59:59.999999Z");
    }
}
