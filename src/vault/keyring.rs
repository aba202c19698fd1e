//! The subkeys of a Deployment and what each is for.

use std::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{DataKey, DeploymentKey, Fields, KeyError, LENGTH, OpenError, random};

/// Length of the salt of a log entry's detail.
const SALT: usize = 16;

/// Everything a Deployment seals and proves with, derived from its [`DeploymentKey`]. Nothing here is written down.
pub struct Vault {
    fingerprint: String,
    wrapping: DataKey,
    details: DataKey,
    log: Zeroizing<[u8; LENGTH]>,
    blind: Zeroizing<[u8; LENGTH]>,
}

/// The erasable words of a log entry, sealed, with the hash that stays when they go.
#[derive(Clone, PartialEq, Eq)]
pub struct Detail {
    /// Salt and words, sealed together: erasing this leaves a hash that nothing can be guessed from.
    pub sealed: Vec<u8>,
    /// The SHA-256 of salt and words.
    pub hash: [u8; LENGTH],
}

impl Vault {
    /// Derives the subkeys.
    pub fn new(key: &DeploymentKey) -> Self {
        let root = Hkdf::<Sha256>::new(Some(b"chaperone"), key.as_bytes());
        let subkey = |purpose| subkey(&root, purpose);
        Self {
            fingerprint: hex::encode(&subkey("fingerprint 1")[..8]),
            wrapping: DataKey::from_bytes(*subkey("wrapping 1")),
            details: DataKey::from_bytes(*subkey("details 1")),
            log: subkey("log 1"),
            blind: subkey("blind index 1"),
        }
    }

    /// Names the deployment key without showing any of it: sixteen hexadecimal digits. Also the id of the subkeys.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Wraps an Incident's key, bound to the row that keeps it.
    pub fn wrap(&self, binding: &Fields, key: &DataKey) -> Result<Vec<u8>, KeyError> {
        self.wrapping.seal(binding, key.as_bytes())
    }

    /// Unwraps what [`Vault::wrap`] made.
    pub fn unwrap(&self, binding: &Fields, wrapped: &[u8]) -> Result<DataKey, OpenError> {
        let plain = self.wrapping.open(binding, wrapped)?;
        let bytes = plain.as_slice().try_into().map_err(|_| OpenError::UnknownForm)?;
        Ok(DataKey::from_bytes(bytes))
    }

    /// Seals the words of a log entry and gives the salted hash that the chain protects.
    pub fn seal_detail(&self, binding: &Fields, words: &str) -> Result<Detail, KeyError> {
        let mut plain = Zeroizing::new(vec![0; SALT]);
        random::fill(&mut plain)?;
        plain.extend_from_slice(words.as_bytes());
        let hash = detail_hash(&plain);
        Ok(Detail { sealed: self.details.seal(binding, &plain)?, hash })
    }

    /// Opens the words of a log entry, if they are those that the hash was made of.
    pub fn open_detail(&self, binding: &Fields, detail: &Detail) -> Result<Zeroizing<String>, OpenError> {
        let plain = self.details.open(binding, &detail.sealed)?;
        if detail_hash(&plain) != detail.hash {
            return Err(OpenError::DoesNotOpen);
        }
        let words = plain.get(SALT..).and_then(|words| str::from_utf8(words).ok());
        words.map(|words| Zeroizing::new(words.to_owned())).ok_or(OpenError::UnknownForm)
    }

    /// The MAC of a log entry.
    pub fn chain_mac(&self, entry: &Fields) -> [u8; LENGTH] {
        mac(&self.log, entry).finalize().into_bytes().into()
    }

    /// Whether this is the MAC of that log entry, in a time that tells nothing.
    pub fn fits_chain(&self, entry: &Fields, given: &[u8]) -> bool {
        mac(&self.log, entry).verify_slice(given).is_ok()
    }

    /// A value to look a sealed text up by, without opening any: equal texts of one purpose give equal values.
    pub fn blind_index(&self, text: &Fields) -> [u8; LENGTH] {
        mac(&self.blind, text).finalize().into_bytes().into()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Detail({} bytes sealed)", self.sealed.len())
    }
}

fn subkey(root: &Hkdf<Sha256>, purpose: &str) -> Zeroizing<[u8; LENGTH]> {
    let mut subkey = Zeroizing::new([0; LENGTH]);
    root.expand(purpose.as_bytes(), subkey.as_mut_slice()).expect("HKDF-SHA256 gives up to 8160 bytes");
    subkey
}

fn mac(key: &[u8; LENGTH], fields: &Fields) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.chain_update(fields.as_bytes())
}

/// The hash over salt and words. The salt has one length, so the two can only be split in one way.
fn detail_hash(salted: &[u8]) -> [u8; LENGTH] {
    Sha256::digest(Fields::new("log detail").bytes(salted).as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(byte: u8) -> Vault {
        Vault::new(&hex::encode([byte; LENGTH]).parse().unwrap())
    }

    #[test]
    fn every_subkey_is_another_and_the_same_key_gives_them_again() {
        let (one, again, other) = (vault(1), vault(1), vault(2));
        let keys = [one.wrapping.as_bytes(), one.details.as_bytes(), &*one.log, &*one.blind];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[at + 1..].contains(key));
        }
        assert_eq!(one.fingerprint(), again.fingerprint());
        assert_eq!(one.log, again.log);
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.fingerprint().len(), 16);
    }

    #[test]
    fn a_wrapped_key_comes_back_only_in_its_own_place_and_with_its_own_key() {
        let (vault, stranger) = (vault(1), vault(2));
        let key = DataKey::random().unwrap();
        let [here, there] = [1, 2].map(|row| Fields::new("data key").int(row));
        let wrapped = vault.wrap(&here, &key).unwrap();
        assert_eq!(vault.unwrap(&here, &wrapped).unwrap().as_bytes(), key.as_bytes());
        assert!(vault.unwrap(&there, &wrapped).is_err());
        assert!(stranger.unwrap(&here, &wrapped).is_err());
    }

    #[test]
    fn a_detail_opens_in_its_own_line_and_equal_words_hash_differently() {
        let vault = vault(1);
        let [line, other] = [1, 2].map(|seq| Fields::new("detail").int(seq));
        let detail = vault.seal_detail(&line, "told her parents").unwrap();
        assert_eq!(vault.open_detail(&line, &detail).unwrap().as_str(), "told her parents");
        assert!(vault.open_detail(&other, &detail).is_err());
        let again = vault.seal_detail(&line, "told her parents").unwrap();
        assert_ne!(detail.hash, again.hash, "the salt is another");
        let swapped = Detail { sealed: again.sealed, hash: detail.hash };
        assert!(vault.open_detail(&line, &swapped).is_err(), "the hash belongs to the words");
    }

    #[test]
    fn a_mac_fits_only_its_entry_and_its_key() {
        let (vault, stranger) = (vault(1), vault(2));
        let entry = Fields::new("log entry").int(1).text("incident-opened");
        let mac = vault.chain_mac(&entry);
        assert!(vault.fits_chain(&entry, &mac));
        assert!(!vault.fits_chain(&Fields::new("log entry").int(2).text("incident-opened"), &mac));
        assert!(!vault.fits_chain(&entry, &mac[..31]));
        assert!(!stranger.fits_chain(&entry, &mac));
        assert_ne!(vault.blind_index(&entry), mac);
    }

    #[test]
    fn debug_shows_no_key() {
        let vault = vault(0xab);
        assert_eq!(format!("{vault:?}"), format!("Vault {{ fingerprint: \"{}\", .. }}", vault.fingerprint()));
    }
}
