//! By how much later a record may have happened than its time says, because that is cut off behind its
//! last digit.
//!
//! Only edges from host to host ask that, and lines are read only for times that may be cut off: whole
//! milliseconds, which finer clocks seldom tell.

use crate::record::{Canonical, Found, Instant, Reader};

/// Tells how finely the times of records are written.
#[derive(Default)]
pub(super) struct Cut {
    /// Most trees ask nothing.
    reader: Option<Reader>,
    found: Found,
}

impl Cut {
    /// By how many seconds, at most, those of the records happened later that say they did at that
    /// time. A record tells a time or two, which are equally fine, and has a line.
    pub(super) fn most<'a>(
        &mut self,
        time: Option<Instant>,
        records: impl Iterator<Item = ([Option<Instant>; 2], &'a [u8])>,
    ) -> f64 {
        // Of two times one may be told by the other and an exact length of time.
        let asked = records.filter(|(times, _)| {
            times.contains(&time) && times.iter().flatten().any(|&time| may_be_cut(time))
        });
        let most = asked.filter_map(|(_, line)| self.of(line)).max();
        Instant(most.unwrap_or(0)).seconds_since(Instant(0))
    }

    fn of(&mut self, line: &[u8]) -> Option<i64> {
        let reader = self.reader.get_or_insert_with(|| {
            let mut reader = Reader::default();
            reader.canonical(Canonical::Time);
            reader
        });
        let record = reader.read(line, &mut self.found).ok()?;
        Some(record.resolution())
    }
}

fn may_be_cut(Instant(nanos): Instant) -> bool {
    nanos % 1_000_000 == 0
}

#[cfg(test)]
mod tests;
