//! What a [`Pull`](super::Pull) has counted, for the caller's ledger.

use std::collections::BTreeMap;

use super::Refusal;

/// Counts since the socket was bound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connections accepted.
    pub accepted: u64,
    /// Connections that ended, for whatever reason.
    pub closed: u64,
    /// Connections that were refused; they are among the closed.
    pub refused: u64,
    /// Messages handed out.
    pub messages: u64,
    /// Bytes of those messages on the wire, frame headers included.
    pub bytes: u64,
    /// Peers that left in the middle of a message, which is lost.
    pub unfinished: u64,
    /// Times that accepting had to stop, at the limit of connections or of descriptors.
    pub crowded: u64,
    /// Refusals by [`Refusal::kind`].
    pub reasons: BTreeMap<&'static str, u64>,
}

impl Stats {
    pub(super) fn refuse(&mut self, reason: &Refusal) {
        self.refused += 1;
        *self.reasons.entry(reason.kind()).or_default() += 1;
    }
}
