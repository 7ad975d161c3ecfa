//! How deep values may be nested.

/// How deep lists and maps may be nested, everywhere: in what is read, skipped, written and transcoded.
///
/// Without a limit, a few kilobytes of `[[[[…` overflow the stack of whoever decodes them recursively, which aborts the process. The
/// array around a whole message counts as the first level.
pub const MAX_DEPTH: usize = 100;

/// The text of the error, the same for all formats.
pub(super) const TOO_DEEP: &str = "nested more than 100 levels deep";

/// Which of the open containers are maps: one bit for each, so nothing is ever allocated.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Nesting {
    /// The lowest bit belongs to the innermost container.
    maps: u128,
    depth: usize,
}

// One bit for each level.
const _: () = assert!(MAX_DEPTH <= 128, "`Nesting` has too few bits");

impl Nesting {
    /// Inside of a list.
    pub(super) const fn in_list() -> Self {
        Self { maps: 0, depth: 1 }
    }

    /// Opens a container; `false` if that is one too many.
    #[inline]
    pub(super) const fn push(&mut self, map: bool) -> bool {
        if self.depth >= MAX_DEPTH {
            return false;
        }
        self.maps = (self.maps << 1) | (map as u128);
        self.depth += 1;
        true
    }

    /// Closes the innermost container; `false` if none is open.
    #[inline]
    pub(super) const fn pop(&mut self) -> bool {
        if self.depth == 0 {
            return false;
        }
        self.maps >>= 1;
        self.depth -= 1;
        true
    }

    #[inline]
    pub(super) const fn in_map(self) -> bool {
        self.maps & 1 == 1
    }

    #[inline]
    pub(super) const fn depth(self) -> usize {
        self.depth
    }
}
