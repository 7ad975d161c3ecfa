//! A shortcut for what nearly all messages are: compact JSON with empty options and texts without escapes.
//!
//! It understands just that, gives up at anything else, and leaves all complaints to the tokens of [`Decoder`](super::decode::Decoder). For `[48,1,{},"a.b",[1,2]]`
//! that takes a third of the time.

use bytes::Bytes;

use crate::codec::{plain_len, value_in_list};

/// A place in a frame.
pub(crate) struct Quick<'de> {
    frame: &'de Bytes,
    at: usize,
}

impl<'de> Quick<'de> {
    /// Opens a message, and gives its type code.
    #[inline]
    pub(crate) fn open(frame: &'de Bytes) -> Option<(Self, u64)> {
        let mut quick = Self { frame, at: 0 };
        quick.skip(b"[")?;
        let code = quick.integer()?;
        Some((quick, code))
    }

    /// Closes a message, after which nothing may follow.
    #[inline]
    pub(crate) fn close(&mut self) -> Option<()> {
        self.skip(b"]")?;
        (self.at == self.frame.len()).then_some(())
    }

    /// Passes over exactly this.
    #[inline]
    pub(crate) fn skip(&mut self, expected: &[u8]) -> Option<()> {
        let rest = self.rest().strip_prefix(expected)?;
        self.at = self.frame.len() - rest.len();
        Some(())
    }

    /// An integer of up to 16 digits, which is enough for ids and cannot overflow.
    #[inline]
    pub(crate) fn integer(&mut self) -> Option<u64> {
        const ENOUGH: usize = 16;

        let rest = self.rest();
        let mut value = 0;
        let mut len = 0;
        while let Some(digit) = rest
            .get(len)
            .map(|byte| byte.wrapping_sub(b'0'))
            .filter(|&digit| digit <= 9)
        {
            value = value * 10 + u64::from(digit);
            len += 1;
            if len > ENOUGH {
                return None;
            }
        }
        // Nothing that we look for is zero, so this finds leading ones as well as none at all.
        if rest.first() == Some(&b'0') || len == 0 {
            return None;
        }
        self.at += len;
        Some(value)
    }

    /// A text without escapes, as part of the frame.
    #[inline]
    pub(crate) fn text(&mut self) -> Option<Bytes> {
        self.skip(b"\"")?;
        let len = plain_len(self.rest());
        let text = self.frame.slice(self.at..self.at + len);
        self.at += len;
        self.skip(b"\"")?;
        Some(text)
    }

    /// The next element that begins with `first`, undecoded but checked; `None` inside if there is no next element.
    #[inline]
    pub(crate) fn container(&mut self, first: u8) -> Option<Option<Bytes>> {
        match self.rest() {
            [b',', found, ..] if *found == first => {}
            [b']', ..] => return Some(None),
            _ => return None,
        }
        let start = self.at + 1;
        self.at = value_in_list(self.frame, start).ok()?;
        Some(Some(self.frame.slice(start..self.at)))
    }

    #[inline]
    fn rest(&self) -> &'de [u8] {
        self.frame.get(self.at..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::element::Body;
    use crate::message::{Call, Event, Result, codes};

    fn body<B: Body>(frame: &'static str) -> Option<B> {
        let frame = Bytes::from_static(frame.as_bytes());
        let (mut quick, code) = Quick::open(&frame)?;
        assert_eq!(code, B::CODE);
        B::quick(&mut quick)
    }

    #[test]
    fn understands_simple_messages() {
        let call: Call = body(r#"[48,9007199254740992,{},"a.b",[1,"x"],{"k":2}]"#).unwrap();
        assert_eq!((call.request.get(), &*call.procedure), (1 << 53, "a.b"));
        assert_eq!(call.payload.args_raw().unwrap(), r#"[1,"x"]"#);
        assert_eq!(call.payload.kwargs_raw().unwrap(), r#"{"k":2}"#);
        assert!(
            body::<Call>(r#"[48,1,{},"a.b"]"#)
                .unwrap()
                .payload
                .is_empty()
        );
        assert!(body::<Event>("[36,1,2,{},[]]").unwrap().payload.is_empty());
        assert!(body::<Result>("[50,1,{},[3]]").is_some());
        assert_eq!(codes::CALL, Call::CODE);
    }

    #[test]
    fn gives_up_at_anything_else() {
        for frame in [
            r#"[48, 1,{},"a"]"#,
            r#"[48,0,{},"a"]"#,
            r#"[48,01,{},"a"]"#,
            r#"[48,9007199254740993,{},"a"]"#,
            r#"[48,18446744073709551617,{},"a"]"#,
            r#"[48,1.0,{},"a"]"#,
            r#"[48,1,{"timeout":1},"a"]"#,
            r#"[48,1,{},"a\n"]"#,
            r#"[48,1,{},"a",{}]"#,
            r#"[48,1,{},"a",[],[]]"#,
            r#"[48,1,{},"a",[1,]]"#,
            r#"[48,1,{},"a",[]],"#,
            r#"[48,1,{},"a",[]"#,
            r#"[48,1,{},"a" "#,
        ] {
            assert!(body::<Call>(frame).is_none(), "{frame}");
        }
    }
}
