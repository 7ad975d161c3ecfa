//! Memory for messages that are encoded one after the other and sent soon.

use std::cell::RefCell;

use bytes::{Bytes, BytesMut};

/// Small messages share an allocation of this size; it is used again once all of them have been sent.
const CHUNK: usize = 8 * 1024;

/// What a message that is kept for longer may waste: shared memory is freed only with the last message in it.
const SMALL: usize = CHUNK / 2;

thread_local! {
    static SCRATCH: RefCell<BytesMut> = RefCell::default();
}

/// A message, encoded by `write`, without an allocation of its own.
#[inline]
pub(super) fn encode<E>(write: impl FnOnce(&mut BytesMut) -> Result<(), E>) -> Result<Bytes, E> {
    SCRATCH.with(|scratch| {
        // A `Serialize` implementation that sends messages itself comes here while the scratch is in use.
        let Ok(mut out) = scratch.try_borrow_mut() else {
            let mut out = BytesMut::new();
            write(&mut out)?;
            return Ok(out.freeze());
        };
        // One that panicked has left something behind.
        out.clear();
        if out.capacity() < SMALL / 8 {
            out.reserve(CHUNK);
        }
        write(&mut out)?;
        Ok(out.split().freeze())
    })
}

/// The same message in memory of its own, if it is small: for one that is not sent soon.
#[inline]
pub(crate) fn detach(frame: Bytes) -> Bytes {
    if frame.len() < SMALL {
        Bytes::copy_from_slice(&frame)
    } else {
        frame
    }
}
