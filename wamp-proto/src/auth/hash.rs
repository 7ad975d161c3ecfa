//! SHA-256 and what is built on it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The length of a hash, and of everything that is derived with one.
pub(super) const LEN: usize = 32;

/// A hash, or something as long.
pub(super) type Hash = [u8; LEN];

/// SHA-256. FIPS 180-4.
pub(super) fn sha256(data: &[u8]) -> Hash {
    Sha256::digest(data).into()
}

/// HMAC-SHA-256. RFC 2104.
pub(super) fn hmac(key: &[u8], message: &[u8]) -> Hash {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length, even none");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// PBKDF2-HMAC-SHA-256, as many bytes as `key` has. RFC 8018, section 5.2.
pub(super) fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
    pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, key);
}

/// The two, bit by bit.
pub(super) fn xor(left: &Hash, right: &Hash) -> Hash {
    let mut result = *left;
    for (byte, other) in result.iter_mut().zip(right) {
        *byte ^= other;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::encoding::to_hex;

    #[test]
    fn hmac_agrees_with_rfc_4231() {
        for (key, message, mac) in [
            (
                vec![0x0b; 20],
                b"Hi There".to_vec(),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?".to_vec(),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 20],
                vec![0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                (1..=25).collect(),
                vec![0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                vec![0xaa; 131],
                b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.".to_vec(),
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ] {
            assert_eq!(to_hex(&hmac(&key, &message)), mac);
        }
    }

    #[test]
    fn pbkdf2_agrees_with_rfc_7914() {
        for (password, salt, iterations, key) in [
            (
                "passwd",
                "salt",
                1,
                "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
                 49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
            ),
            (
                "Password",
                "NaCl",
                80_000,
                "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56\
                 a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
            ),
        ] {
            let mut derived = [0; 64];
            pbkdf2(
                password.as_bytes(),
                salt.as_bytes(),
                iterations,
                &mut derived,
            );
            assert_eq!(to_hex(&derived), key);
        }
    }
}
