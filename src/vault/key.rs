//! The deployment key: where it comes from and what it looks like to people.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::{fmt, str::FromStr};

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{KeyError, LENGTH, random};

/// The one secret of a Deployment, from which all others are derived. Wiped when it goes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DeploymentKey([u8; LENGTH]);

/// Where the deployment key comes from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// From the environment; the caller has read it.
    Given(DeploymentKey),
    /// From this file, which is made for an empty database.
    File(PathBuf),
}

impl DeploymentKey {
    /// A new key.
    pub fn random() -> Result<Self, KeyError> {
        let mut key = Self([0; LENGTH]);
        random::fill(&mut key.0)?;
        Ok(key)
    }

    /// Reads the key from a file of 64 hexadecimal digits.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let text = fs::read(path).map(Zeroizing::new).map_err(|source| match source.kind() {
            ErrorKind::NotFound => KeyError::Missing { path: path.to_owned() },
            _ => KeyError::Unreadable { path: path.to_owned(), source },
        })?;
        str::from_utf8(&text)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| KeyError::NotAKeyFile { path: path.to_owned() })
    }

    /// Makes a new key and keeps it in a new file that only this user may read. Never overwrites a file.
    pub fn create_file(path: &Path) -> Result<Self, KeyError> {
        let unwritable = |source| KeyError::Unwritable { path: path.to_owned(), source };
        let key = Self::random()?;
        // Written under another name first, so that a crash or a full disk leaves no half key behind.
        let half = path.with_added_extension("new");
        write_private(&half, key.to_hex().as_bytes()).map_err(unwritable)?;
        let linked = fs::hard_link(&half, path);
        fs::remove_file(&half).map_err(unwritable)?;
        linked.map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
            _ => unwritable(source),
        })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritable)?;
        Ok(key)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0) + "\n")
    }
}

impl FromStr for DeploymentKey {
    type Err = KeyError;

    /// Reads 64 hexadecimal digits, with blanks and line ends around them.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut key = Self([0; LENGTH]);
        hex::decode_to_slice(text.trim(), &mut key.0).map_err(|_| KeyError::NotAKey)?;
        Ok(key)
    }
}

impl fmt::Debug for DeploymentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeploymentKey(..)")
    }
}

/// Writes a file that only this user may read, and waits until it is on the disk.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const DIGITS: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn a_key_file_is_private_reads_back_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deployment.key");
        let made = DeploymentKey::create_file(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(DeploymentKey::from_file(&path).unwrap().0, made.0);

        let before = fs::read(&path).unwrap();
        assert!(matches!(DeploymentKey::create_file(&path), Err(KeyError::Exists { .. })));
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no half key stays behind");
    }

    #[test]
    fn what_is_no_key_is_refused_and_the_reason_holds_none_of_it() {
        assert_eq!(DIGITS.parse::<DeploymentKey>().unwrap().0[..2], [0x00, 0x11]);
        assert!(format!(" {}\n", DIGITS.to_uppercase()).parse::<DeploymentKey>().is_ok());
        for bad in ["", &DIGITS[1..], &format!("{DIGITS}0"), &DIGITS.replace('f', "g")] {
            let refused = bad.parse::<DeploymentKey>().unwrap_err();
            assert!(!format!("{refused} {refused:?}").contains("00112233"), "{refused}");
        }
    }

    #[test]
    fn a_missing_and_a_wrong_key_file_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deployment.key");
        assert!(matches!(DeploymentKey::from_file(&path), Err(KeyError::Missing { .. })));
        for wrong in [b"".as_slice(), b"not a key", b"\xff\xfe"] {
            fs::write(&path, wrong).unwrap();
            assert!(matches!(DeploymentKey::from_file(&path), Err(KeyError::NotAKeyFile { .. })));
        }
        assert!(matches!(DeploymentKey::from_file(folder.path()), Err(KeyError::Unreadable { .. })));
        assert!(matches!(
            DeploymentKey::create_file(&folder.path().join("no/such/folder/key")),
            Err(KeyError::Unwritable { .. })
        ));
    }

    #[test]
    fn debug_shows_no_digit_of_the_key() {
        let source = KeySource::Given(DIGITS.parse().unwrap());
        assert_eq!(format!("{source:?}"), "Given(DeploymentKey(..))");
    }
}
