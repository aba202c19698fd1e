//! Who may have no part in an Incident.

use crate::domain::{AccountId, Incident};

/// Whether this account is recused from the Incident: only the accused is. Being the target, or mentioned, never
/// recuses, so that a threat always reaches the administrators it is about.
pub fn is_recused(incident: &Incident, account: AccountId) -> bool {
    incident.accused == account
}
