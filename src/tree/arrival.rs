//! Records of one scope, place and time: the number that each got where it arrived, `dl.recv.seq`,
//! decides between them, and then their bytes.
//!
//! Clocks that tell milliseconds give many records the same time, and the order in which records
//! are read must not decide, since any other order has to give the same tree.

use crate::record::{Field, Found, Path, Reader};

/// Puts such records in order; they are few, so that nothing is known of them yet.
pub(super) struct Arrivals {
    reader: Reader,
    number: Field,
    found: Found,
}

impl Default for Arrivals {
    fn default() -> Self {
        let mut reader = Reader::default();
        Self {
            number: reader.raw(&Path::dotted("dl.recv.seq")),
            reader,
            found: Found::default(),
        }
    }
}

impl Arrivals {
    /// Sorts what nothing else tells apart; `line` is the record, without framing.
    pub(super) fn sort<'a, T>(&mut self, tied: &mut [T], line: impl Fn(&T) -> &'a [u8]) {
        if tied.len() > 1 {
            tied.sort_by_cached_key(|tied| (self.number(line(tied)), line(tied)));
        }
    }

    /// The number of the record on a line; without one it comes first.
    fn number(&mut self, line: &[u8]) -> Option<u64> {
        let record = self.reader.read(line, &mut self.found).ok()?;
        u64::try_from(record.raw(&self.number)?.as_i128()?).ok()
    }
}
