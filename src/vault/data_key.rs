//! Sealing and opening with a key.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{Fields, KeyError, LENGTH, OpenError, random};

/// The first byte of everything sealed: XChaCha20-Poly1305, a 24-byte nonce before the sealed bytes.
const FORM: u8 = 1;
const NONCE: usize = 24;

/// A key that seals and opens. An Incident has one of its own, so that losing it erases what it sealed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DataKey([u8; LENGTH]);

impl DataKey {
    /// A new key.
    pub fn random() -> Result<Self, KeyError> {
        let mut key = Self([0; LENGTH]);
        random::fill(&mut key.0)?;
        Ok(key)
    }

    /// Seals `plain` and binds it to `binding`: it opens only with the same key and the same binding.
    pub fn seal(&self, binding: &Fields, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0; NONCE];
        random::fill(&mut nonce)?;
        Ok([&[FORM], nonce.as_slice(), &self.seal_with(nonce, binding, plain)].concat())
    }

    /// Opens what [`DataKey::seal`] made. The bytes are wiped when they go.
    pub fn open(&self, binding: &Fields, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (form, rest) = sealed.split_first().ok_or(OpenError::UnknownForm)?;
        if *form != FORM {
            return Err(OpenError::UnknownForm);
        }
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or(OpenError::DoesNotOpen)?;
        XChaCha20Poly1305::new(&self.0.into())
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: binding.as_bytes() })
            .map(Zeroizing::new)
            .map_err(|_| OpenError::DoesNotOpen)
    }

    fn seal_with(&self, nonce: [u8; NONCE], binding: &Fields, plain: &[u8]) -> Vec<u8> {
        XChaCha20Poly1305::new(&self.0.into())
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: binding.as_bytes() })
            .expect("a text in memory is far shorter than the 256 GiB that one nonce can seal")
    }

    pub(super) const fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_sealed_opens_and_shows_nothing(plain in prop::collection::vec(any::<u8>(), 0..200), row in any::<i64>()) {
            let key = DataKey::random().unwrap();
            let binding = Fields::new("evidence").int(row);
            let sealed = key.seal(&binding, &plain).unwrap();
            let opened = key.open(&binding, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
            prop_assert!(plain.len() < 8 || !sealed.windows(plain.len()).any(|window| window == plain));
            prop_assert_ne!(&sealed, &key.seal(&binding, &plain).unwrap(), "a nonce is never used twice");
        }

        #[test]
        fn another_binding_or_another_key_does_not_open(row in any::<i64>(), other in any::<i64>()) {
            prop_assume!(row != other);
            let key = DataKey::random().unwrap();
            let sealed = key.seal(&Fields::new("evidence").int(row), b"words").unwrap();
            let tries = [
                key.open(&Fields::new("evidence").int(other), &sealed),
                key.open(&Fields::new("note").int(row), &sealed),
                DataKey::random().unwrap().open(&Fields::new("evidence").int(row), &sealed),
            ];
            for opened in tries {
                prop_assert_eq!(opened.unwrap_err(), OpenError::DoesNotOpen);
            }
        }
    }

    #[test]
    fn any_flipped_bit_and_any_missing_byte_is_noticed() {
        let key = DataKey::random().unwrap();
        let binding = Fields::new("evidence").int(7);
        let sealed = key.seal(&binding, b"meet me after practice").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open(&binding, &changed).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(key.open(&binding, &sealed[..length]).is_err(), "length {length}");
        }
    }
}
