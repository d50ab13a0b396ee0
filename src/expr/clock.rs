//! What `now` and `today` mean: the core has no clock and no place of its own.

use crate::record::{Instant, Zone};

/// A clock that stands still: what `now` means, and where times without a zone and the days
/// `today`, `yesterday` and `tomorrow` are meant to be.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The present.
    pub now: Instant,
    /// The place.
    pub zone: Zone,
}

impl From<Instant> for Clock {
    /// That instant, in UTC.
    fn from(now: Instant) -> Self {
        Self {
            now,
            zone: Zone::UTC,
        }
    }
}
