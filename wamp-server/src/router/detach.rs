//! Copies of what a frame holds, for those who keep an event longer than the frame it came in.
//!
//! Texts and payloads are slices of the received buffer: one that is kept keeps all of the buffer, which may be a thousand times as large.

use std::mem::size_of;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::details::{EventDetails, Passthru, Publisher, Receivers};
use wamp_proto::message::{Raw, Unknown};
use wamp_proto::payload::Payload;

/// What can be part of a frame.
pub(crate) trait Detach {
    /// The same value in memory of its own, and no more of it than needed.
    fn detached(&self) -> Self;

    /// How many bytes it keeps, roughly, besides itself.
    fn weight(&self) -> usize;
}

impl Detach for ByteString {
    fn detached(&self) -> Self {
        // One that is empty may still be a slice of something.
        Self::from(&**self)
    }

    fn weight(&self) -> usize {
        self.len()
    }
}

impl Detach for Id {
    fn detached(&self) -> Self {
        *self
    }

    fn weight(&self) -> usize {
        0
    }
}

impl<T: Detach> Detach for Option<T> {
    fn detached(&self) -> Self {
        self.as_ref().map(T::detached)
    }

    fn weight(&self) -> usize {
        self.as_ref().map_or(0, T::weight)
    }
}

impl<T: Detach> Detach for Vec<T> {
    fn detached(&self) -> Self {
        self.iter().map(T::detached).collect()
    }

    fn weight(&self) -> usize {
        self.iter().map(|it| size_of::<T>() + it.weight()).sum()
    }
}

impl<T: Detach> Detach for Box<T> {
    fn detached(&self) -> Self {
        Self::new(T::detached(self))
    }

    fn weight(&self) -> usize {
        size_of::<T>() + T::weight(self)
    }
}

impl Detach for Payload {
    fn detached(&self) -> Self {
        let mut all = BytesMut::with_capacity(self.len());
        let mut copy = |part: Option<&Bytes>| {
            part.map(|part| {
                all.extend_from_slice(part);
                all.split().freeze()
            })
        };
        let (args, kwargs) = (copy(self.args_raw()), copy(self.kwargs_raw()));
        Self::new(self.format(), args, kwargs)
    }

    fn weight(&self) -> usize {
        self.len()
    }
}

impl Detach for Unknown {
    fn detached(&self) -> Self {
        let mut copy = Self::default();
        for (key, value) in self {
            let bytes = Bytes::copy_from_slice(value.bytes());
            copy.push(key.detached(), Raw::from_encoded(value.format(), bytes));
        }
        copy
    }

    fn weight(&self) -> usize {
        self.iter()
            .map(|(key, value)| size_of::<(ByteString, Raw)>() + key.len() + value.bytes().len())
            .sum()
    }
}

impl Detach for EventDetails {
    fn detached(&self) -> Self {
        Self {
            topic: self.topic.detached(),
            trustlevel: self.trustlevel,
            retained: self.retained,
            dropped: self.dropped,
            publisher: self.publisher.detached(),
            ppt: self.ppt.detached(),
            unknown: self.unknown.detached(),
        }
    }

    fn weight(&self) -> usize {
        self.topic.weight() + self.publisher.weight() + self.ppt.weight() + self.unknown.weight()
    }
}

impl Detach for Publisher {
    fn detached(&self) -> Self {
        Self {
            session: self.session,
            authid: self.authid.detached(),
            authrole: self.authrole.detached(),
        }
    }

    fn weight(&self) -> usize {
        self.authid.weight() + self.authrole.weight()
    }
}

impl Detach for Passthru {
    fn detached(&self) -> Self {
        Self {
            scheme: self.scheme.detached(),
            serializer: self.serializer.detached(),
            cipher: self.cipher.detached(),
            keyid: self.keyid.detached(),
        }
    }

    fn weight(&self) -> usize {
        let texts = [&self.scheme, &self.serializer, &self.cipher, &self.keyid];
        texts.into_iter().map(Detach::weight).sum()
    }
}

impl Detach for Receivers {
    fn detached(&self) -> Self {
        Self {
            exclude: self.exclude.detached(),
            exclude_authid: self.exclude_authid.detached(),
            exclude_authrole: self.exclude_authrole.detached(),
            eligible: self.eligible.detached(),
            eligible_authid: self.eligible_authid.detached(),
            eligible_authrole: self.eligible_authrole.detached(),
        }
    }

    fn weight(&self) -> usize {
        let sessions = [&self.exclude, &self.eligible];
        let texts = [
            &self.exclude_authid,
            &self.exclude_authrole,
            &self.eligible_authid,
            &self.eligible_authrole,
        ];
        let sessions = sessions.into_iter().map(Detach::weight).sum::<usize>();
        sessions + texts.into_iter().map(Detach::weight).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use wamp_proto::codec::Format;
    use wamp_proto::message::{Message, Publish};

    use super::*;

    /// Whether it is a slice of the frame.
    fn shares(frame: &Bytes, part: &[u8]) -> bool {
        frame.as_ptr_range().contains(&part.as_ptr())
    }

    #[test]
    fn nothing_of_the_frame_is_kept() {
        let text = r#"[16,1,{"eligible_authid":["ann"],"ppt_scheme":"x_own","_tracing":"4711"},"a.b",[1],{"k":2}]"#;
        let frame = Bytes::from(text);
        let Ok(Message::Publish(publish)) = Message::decode(Format::Json, &frame) else {
            panic!("not a PUBLISH");
        };
        let parts = |it: &Publish| -> Vec<Bytes> {
            let eligible = it
                .options
                .receivers
                .as_ref()
                .unwrap()
                .eligible_authid
                .as_ref();
            let scheme = it.options.ppt.as_ref().unwrap().scheme.as_ref();
            let (key, value) = it.options.unknown.iter().next().unwrap();
            vec![
                it.topic.as_bytes().clone(),
                eligible.unwrap()[0].as_bytes().clone(),
                scheme.unwrap().as_bytes().clone(),
                key.as_bytes().clone(),
                value.bytes().clone(),
                it.payload.args_raw().unwrap().clone(),
                it.payload.kwargs_raw().unwrap().clone(),
            ]
        };
        let mut copy = publish.clone();
        copy.topic = copy.topic.detached();
        copy.options.receivers = copy.options.receivers.detached();
        copy.options.ppt = copy.options.ppt.detached();
        copy.options.unknown = copy.options.unknown.detached();
        copy.payload = copy.payload.detached();

        assert_eq!(copy.options, publish.options);
        assert_eq!(copy.payload, publish.payload);
        for part in parts(&publish) {
            assert!(shares(&frame, &part), "{part:?}");
        }
        for part in parts(&copy) {
            assert!(!shares(&frame, &part), "{part:?}");
        }
    }
}
