//! RawSocket's handshake and frames, octet by octet.

use proptest::prelude::*;
use wamp_proto::codec::{Format, JsonReader, JsonWriter, Place, Read, Serializer, Write};
use wamp_proto::rawsocket::{
    FrameHeader, FrameKind, Handshake, MAGIC, MaxLength, RawSocketError, Refusal,
};

const FORMATS: [(u8, Format); 3] = [(1, Format::Json), (2, Format::MsgPack), (3, Format::Cbor)];

const KINDS: [FrameKind; 3] = [FrameKind::Message, FrameKind::Ping, FrameKind::Pong];

fn format(number: u8) -> Option<Format> {
    let known = FORMATS.into_iter().find(|(it, _)| *it == number);
    known.map(|(_, format)| format)
}

/// All 256 second octets.
#[test]
fn requests_and_their_acceptance_are_the_same_octets() {
    for second in 0..=u8::MAX {
        let octets = [MAGIC, second, 0, 0];
        let parsed = Handshake::parse_request(octets);
        let number = second & 0x0f;
        let Some(format) = format(number) else {
            assert_eq!(parsed, Err(RawSocketError::UnknownSerializer(number)));
            continue;
        };
        let handshake = parsed.expect("the serializer is known");
        assert_eq!(handshake.format, format);
        assert_eq!(handshake.max_length.exponent(), 9 + (second >> 4));
        assert_eq!(handshake.octets(), Ok(octets));
        assert_eq!(handshake.parse_reply(octets), Ok(handshake.max_length));
    }
}

#[test]
fn requests_that_cannot_be_accepted_have_an_answer() {
    for (request, error, refusal) in [
        (
            [MAGIC, 0xf1, 1, 0],
            RawSocketError::ReservedOctets(0x0100),
            Some(Refusal::ReservedBits),
        ),
        (
            [MAGIC, 0xf1, 0, 0x80],
            RawSocketError::ReservedOctets(0x0080),
            Some(Refusal::ReservedBits),
        ),
        (
            [MAGIC, 0xf4, 0, 0],
            RawSocketError::UnknownSerializer(4),
            Some(Refusal::SerializerUnsupported),
        ),
        (
            [MAGIC, 0xf0, 0, 0],
            RawSocketError::UnknownSerializer(0),
            Some(Refusal::SerializerUnsupported),
        ),
        (*b"GET ", RawSocketError::NotRawSocket(b'G'), None),
    ] {
        assert_eq!(Handshake::parse_request(request), Err(error));
        assert_eq!(error.refusal(), refusal);
    }
}

#[test]
fn a_router_can_refuse_for_four_reasons() {
    let asked = Handshake::new(Format::Cbor, MaxLength::MAX);
    for (refusal, octets) in [
        (Refusal::SerializerUnsupported, [MAGIC, 0x10, 0, 0]),
        (Refusal::LengthUnacceptable, [MAGIC, 0x20, 0, 0]),
        (Refusal::ReservedBits, [MAGIC, 0x30, 0, 0]),
        (Refusal::TooManyConnections, [MAGIC, 0x40, 0, 0]),
    ] {
        assert_eq!(refusal.octets(), octets);
        assert_eq!(
            asked.parse_reply(octets),
            Err(RawSocketError::Refused(refusal))
        );
    }
    for code in (5..16).chain([0]) {
        assert_eq!(
            asked.parse_reply([MAGIC, code << 4, 0, 0]),
            Err(RawSocketError::RefusedOtherwise(code))
        );
    }
}

#[test]
fn a_reply_must_fit_the_request() {
    let asked = Handshake::new(Format::MsgPack, MaxLength::MIN);
    for (reply, error) in [
        (
            [MAGIC, 0xf1, 0, 0],
            RawSocketError::WrongSerializer {
                asked: 2,
                answered: 1,
            },
        ),
        ([MAGIC, 0xf2, 0, 1], RawSocketError::ReservedOctets(1)),
        (*b"HTTP", RawSocketError::NotRawSocket(b'H')),
    ] {
        assert_eq!(asked.parse_reply(reply), Err(error));
    }
}

#[test]
fn a_format_of_ones_own_has_no_number() {
    let handshake = Handshake::new(Format::Custom(&Own), MaxLength::MAX);
    let error = RawSocketError::UnnumberedSerializer("own");
    assert_eq!(handshake.octets(), Err(error));
    assert_eq!(handshake.parse_reply([MAGIC, 0xf1, 0, 0]), Err(error));
}

#[test]
fn headers_are_as_the_specification_shows_them() {
    for (kind, len, octets) in [
        (FrameKind::Message, 0, [0, 0, 0, 0]),
        (FrameKind::Ping, 1, [1, 0, 0, 1]),
        (FrameKind::Pong, 0x0001_0203, [2, 1, 2, 3]),
        (FrameKind::Message, (1 << 24) - 1, [0, 0xff, 0xff, 0xff]),
        (FrameKind::Message, 1 << 24, [0b1000, 0, 0, 0]),
        (FrameKind::Pong, 1 << 24, [0b1010, 0, 0, 0]),
    ] {
        let header = FrameHeader::new(kind, len).expect("it fits");
        assert_eq!(header.octets(), octets);
        assert_eq!(FrameHeader::parse(octets), Ok(header));
    }
}

#[test]
fn what_is_longer_than_a_frame_has_no_header() {
    for len in [(1 << 24) + 1, usize::MAX] {
        for kind in KINDS {
            assert_eq!(
                FrameHeader::new(kind, len),
                Err(RawSocketError::Unframeable(len))
            );
        }
    }
}

/// Every first octet, with lengths that are zero and others.
#[test]
fn every_malformed_header_is_told_by_what_is_wrong() {
    for first in 0..=u8::MAX {
        for low in [[0, 0, 0], [0, 0, 1], [0x80, 0, 0], [0xff, 0xff, 0xff]] {
            let [a, b, c] = low;
            let expected = match (first >> 4, first & 0b111, first & 0b1000, low) {
                (0, 0..=2, 0, _) | (0, 0..=2, _, [0, 0, 0]) => None,
                (0, 0..=2, ..) => Some(RawSocketError::TooLong),
                (0, unknown, ..) => Some(RawSocketError::UnknownFrame(unknown)),
                (reserved, ..) => Some(RawSocketError::ReservedBits(reserved)),
            };
            assert_eq!(FrameHeader::parse([first, a, b, c]).err(), expected);
        }
    }
}

proptest! {
    #[test]
    fn a_header_survives_the_way(kind in prop::sample::select(&KINDS), len in 0_usize..=1 << 24) {
        let header = FrameHeader::new(kind, len).expect("it fits");
        let parsed = FrameHeader::parse(header.octets()).expect("it is well-formed");
        prop_assert_eq!((parsed.kind(), parsed.len()), (kind, len));
    }

    /// What can be parsed is what would be sent: there is one way to say a thing.
    #[test]
    fn headers_are_canonical(octets in any::<[u8; 4]>()) {
        if let Ok(header) = FrameHeader::parse(octets) {
            prop_assert_eq!(header.octets(), octets);
        }
    }

    #[test]
    fn handshakes_are_canonical(octets in any::<[u8; 4]>(), magic in any::<bool>()) {
        let [first, rest @ ..] = octets;
        let first = if magic { MAGIC } else { first };
        let [a, b, c] = rest;
        if let Ok(handshake) = Handshake::parse_request([first, a, b, c]) {
            prop_assert_eq!(handshake.octets(), Ok([first, a, b, c]));
        }
    }
}

/// JSON under another name.
#[derive(Debug)]
struct Own;

impl Serializer for Own {
    fn name(&self) -> &'static str {
        "own"
    }

    fn is_binary(&self) -> bool {
        false
    }

    fn reader<'de>(&self, input: &'de [u8]) -> Box<dyn Read<'de> + 'de> {
        Box::new(JsonReader::new(input))
    }

    fn writer<'w>(&self, out: &'w mut bytes::BytesMut, place: Place) -> Box<dyn Write + 'w> {
        Box::new(JsonWriter::new(out, place))
    }
}
