//! Chance for keys, salts and nonces, from the operating system. Nothing else takes chance from here.

#![expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for key material")]

use super::KeyError;

/// Fills `bytes` with chance that nobody can foresee.
pub(super) fn fill(bytes: &mut [u8]) -> Result<(), KeyError> {
    getrandom::fill(bytes).map_err(|_| KeyError::NoChance)
}

/// A name that nobody can foresee and that never comes twice: 32 hexadecimal digits.
pub fn random_name() -> Result<String, KeyError> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}
