//! How long messages may be.

/// The longest message that a peer takes: a power of two from 512 bytes to 16 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaxLength {
    exponent: u8,
}

impl MaxLength {
    /// 2^9, 512 bytes.
    pub const MIN: Self = Self { exponent: 9 };
    /// 2^24, 16 MiB.
    pub const MAX: Self = Self { exponent: 24 };

    /// The largest that is not above so many bytes; `None` below 512.
    #[must_use]
    pub fn at_most(bytes: usize) -> Option<Self> {
        let exponent = bytes.checked_ilog2()?.min(Self::MAX.exponent.into());
        let exponent = u8::try_from(exponent).ok()?;
        (exponent >= Self::MIN.exponent).then_some(Self { exponent })
    }

    /// So many bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        1 << self.exponent
    }

    /// The binary logarithm of it, from 9 to 24.
    #[must_use]
    pub const fn exponent(self) -> u8 {
        self.exponent
    }

    /// The upper half of a handshake's second octet.
    pub(super) const fn to_octet(self) -> u8 {
        (self.exponent - Self::MIN.exponent) << 4
    }

    pub(super) const fn from_octet(octet: u8) -> Self {
        Self {
            exponent: (octet >> 4) + Self::MIN.exponent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_lengths_are_said_in_four_bits() {
        for (octet, exponent) in (0..=0xf0_u8).step_by(16).zip(9..) {
            let length = MaxLength::from_octet(octet);
            assert_eq!(length.exponent(), exponent);
            assert_eq!(length.bytes(), 2_usize.pow(exponent.into()));
            assert_eq!(length.to_octet(), octet);
        }
    }

    #[test]
    fn a_length_is_rounded_down() {
        for (bytes, exponent) in [
            (0, None),
            (511, None),
            (512, Some(9)),
            (1023, Some(9)),
            (1024, Some(10)),
            (1_000_000, Some(19)),
            ((1 << 24) - 1, Some(23)),
            (1 << 24, Some(24)),
            (usize::MAX, Some(24)),
        ] {
            let length = MaxLength::at_most(bytes);
            assert_eq!(length.map(MaxLength::exponent), exponent, "{bytes}");
        }
    }
}
