//! An event as a row.

use std::error::Error as StdError;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use rusqlite::{CachedStatement, Row};
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::details::{PublishOptions, Receivers};
use wamp_proto::message::{Event, Message, Publish};
use wamp_proto::payload::Payload;

use crate::history::StoredEvent;
use crate::history::query::{from_micros, micros};

/// Of the database or of the event.
pub(super) type Failure = Box<dyn StdError + Send + Sync>;

type Fallible<T> = Result<T, Failure>;

/// Adds a row.
pub(super) const INSERT: &str = "INSERT INTO event
    (publication, topic, time, format, args, kwargs, details, receivers) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

/// What [`read`] needs.
pub(super) const SELECT: &str = "SELECT
    publication, topic, time, format, args, kwargs, details, receivers FROM event WHERE number = ?";

/// What a row weighs, as [`insert`] counts it.
pub(super) const BYTES: &str = "octet_length(topic) + octet_length(details)
    + coalesce(octet_length(args), 0) + coalesce(octet_length(kwargs), 0) + coalesce(octet_length(receivers), 0)";

/// Executes [`INSERT`], and says what the row weighs.
///
/// # Errors
///
/// If it cannot be written, or is longer than `max_bytes`.
pub(super) fn insert(
    statement: &mut CachedStatement<'_>,
    event: &StoredEvent,
    max_bytes: u64,
) -> Fallible<u64> {
    // Custom formats may have another meaning tomorrow. CBOR can say everything.
    let format = match event.payload.format() {
        Format::Custom(_) => Format::Cbor,
        format => format,
    };
    let payload = event.payload.transcode(format)?;
    let receivers = write_receivers(&event.receivers)?;
    let details = write_details(event, format)?;
    let bytes = event.topic.len()
        + details.len()
        + payload.args_raw().map_or(0, Bytes::len)
        + payload.kwargs_raw().map_or(0, Bytes::len)
        + receivers.as_ref().map_or(0, BytesMut::len);
    let bytes = bytes as u64;
    if bytes > max_bytes {
        return Err("an event is longer than all together may be".into());
    }
    statement.execute((
        event.publication.get().cast_signed(),
        &*event.topic,
        micros(event.timestamp),
        format.name(),
        payload.args_raw().map(|raw| &**raw),
        payload.kwargs_raw().map(|raw| &**raw),
        &*details,
        receivers.as_deref(),
    ))?;
    Ok(bytes)
}

/// Reads a row of [`SELECT`].
pub(super) fn read(row: &Row<'_>) -> Fallible<StoredEvent> {
    let bytes = |name: &str| -> Fallible<Option<Bytes>> {
        Ok(row.get::<_, Option<Vec<u8>>>(name)?.map(Bytes::from))
    };
    let format = match row.get_ref("format")?.as_str()? {
        "json" => Format::Json,
        "msgpack" => Format::MsgPack,
        "cbor" => Format::Cbor,
        other => return Err(format!("unknown format {other:?}").into()),
    };
    let details = bytes("details")?.unwrap_or_default();
    let Message::Event(head) = Message::decode(format, &details)? else {
        return Err("the details are no EVENT".into());
    };
    let receivers = match bytes("receivers")? {
        Some(bytes) => read_receivers(&bytes)?,
        None => Receivers::default(),
    };
    let publication = row.get::<_, i64>("publication")?.cast_unsigned();
    Ok(StoredEvent {
        publication: Id::new(publication).ok_or("a publication that is no id")?,
        topic: row.get::<_, String>("topic")?.into(),
        timestamp: from_micros(row.get("time")?),
        payload: Payload::new(format, bytes("args")?, bytes("kwargs")?),
        details: head.details,
        receivers,
    })
}

/// Who may see it, from the column `receivers`.
pub(super) fn read_receivers(bytes: &[u8]) -> Fallible<Receivers> {
    let bytes = Bytes::copy_from_slice(bytes);
    let Message::Publish(head) = Message::decode(Format::Cbor, &bytes)? else {
        return Err("the receivers are no PUBLISH".into());
    };
    Ok(head.options.receivers.map(|it| *it).unwrap_or_default())
}

/// As the EVENT that they are the details of: so a new detail needs nothing new here. The format is that of the payload, which is also that
/// of details that nobody knows.
fn write_details(event: &StoredEvent, format: Format) -> Fallible<BytesMut> {
    let head = Event {
        subscription: Id::MIN,
        publication: event.publication,
        details: event.details.clone(),
        payload: Payload::empty(format),
    };
    let mut out = BytesMut::new();
    head.encode(format, &mut out)?;
    Ok(out)
}

/// As the PUBLISH that they are options of; nothing if they are for everybody.
fn write_receivers(receivers: &Receivers) -> Fallible<Option<BytesMut>> {
    if *receivers == Receivers::default() {
        return Ok(None);
    }
    let head = Publish {
        request: Id::MIN,
        options: PublishOptions {
            receivers: Some(Box::new(receivers.clone())),
            ..PublishOptions::default()
        },
        topic: ByteString::new(),
        payload: Payload::empty(Format::Cbor),
    };
    let mut out = BytesMut::new();
    head.encode(Format::Cbor, &mut out)?;
    Ok(Some(out))
}
