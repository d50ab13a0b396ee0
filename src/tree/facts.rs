//! What a record says of its scope, as numbers: what a scope is made of, whether its records have
//! been read or only the notes on them.

use super::{
    placed::Placed,
    scheme::{Parent, Role, Side, Starts},
};
use crate::record::Instant;

/// A record of a scope, as far as its sub-scopes need to know of it.
pub(super) trait Stands {
    /// Its place in the order of the scope.
    fn position(&self) -> u64;

    /// When it happened.
    fn time(&self) -> Option<Instant>;
}

impl Stands for Placed<'_> {
    fn position(&self) -> u64 {
        self.placement.position
    }

    fn time(&self) -> Option<Instant> {
        self.time
    }
}

/// What a record says of its scope, the texts aside.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    pub(super) position: u64,
    pub(super) time: Option<Instant>,
    pub(super) role: Role,
    pub(super) shared_positions: bool,
    pub(super) base: Option<u64>,
    pub(super) starts: Starts,
    /// When the scope ended, and how long it took, if one record tells of all of it.
    pub(super) end: Option<Instant>,
    pub(super) duration: Option<f64>,
    pub(super) side: Option<Side>,
    /// True if it is of the callee's half of a scope.
    pub(super) half: bool,
}

impl Facts {
    pub(super) fn of(record: &Placed<'_>) -> Self {
        let placement = &record.placement;
        Self {
            position: placement.position,
            time: record.time,
            role: placement.role,
            shared_positions: placement.shared_positions,
            base: placement.base,
            starts: placement.starts,
            end: placement.end,
            duration: placement.duration,
            side: placement.side,
            half: matches!(placement.parent, Parent::OtherHalf(_)),
        }
    }
}
