//! What a stage that thins out has to know of a record: when it happened, what it belongs
//! to, and for how many records it stands already.

use std::borrow::Cow;

use super::field::{By, Wanted};
use crate::{
    record::{Canonical, Field, Found, Instant, Path, Reader, Value},
    tree::Known,
};

/// Finds it in lines.
#[derive(Debug)]
pub(super) struct Scout {
    reader: Reader,
    fields: Vec<Wanted>,
    kind: Field,
    repeats: Field,
    throttled: Field,
    found: Found,
    known: Known,
}

/// What was found in one line.
#[derive(Debug)]
pub(super) struct Sight<'a> {
    pub(super) time: Option<Instant>,
    /// The texts of the fields that were asked for, in order.
    pub(super) fields: Vec<Option<Cow<'a, str>>>,
    pub(super) weight: Weight,
    /// True for a record of ours that counts what was taken away; it is never taken away.
    pub(super) is_loss: bool,
}

/// For how many records one stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Records that it repeats, itself counted: `dl.repeats`, or 1.
    pub(super) repeats: u64,
    /// Records that were taken away before it: `dl.throttled`, or 0.
    pub(super) throttled: u64,
}

impl Weight {
    pub(super) fn total(self) -> u64 {
        self.repeats.saturating_add(self.throttled)
    }
}

impl Scout {
    pub(super) fn new(by: &[By]) -> Self {
        let mut reader = Reader::default();
        reader.canonical(Canonical::Time);
        let fields = by.iter().map(|by| by.want(&mut reader)).collect();
        let mut dl = |key: &str| reader.raw(&Path::dotted(&format!("dl.{key}")));
        let (kind, repeats, throttled) = (dl("kind"), dl("repeats"), dl("throttled"));
        Self {
            reader,
            fields,
            kind,
            repeats,
            throttled,
            found: Found::default(),
            known: Known::default(),
        }
    }

    /// Looks at a line; `None` if it is no record.
    pub(super) fn look<'a>(&mut self, line: &'a [u8]) -> Option<Sight<'a>> {
        let record = self.reader.read(line, &mut self.found).ok()?;
        let count = |field| record.raw(field).and_then(count);
        let is_loss = record
            .raw(&self.kind)
            .is_some_and(|kind| kind.raw == b"loss");
        Some(Sight {
            time: record.time(),
            fields: {
                let known = &mut self.known;
                self.fields.iter().map(|f| f.text(&record, known)).collect()
            },
            weight: Weight {
                repeats: count(&self.repeats).unwrap_or(1).max(1),
                throttled: count(&self.throttled).unwrap_or(0),
            },
            is_loss,
        })
    }
}

/// A count that stands in a record.
pub(super) fn count(value: Value<'_>) -> Option<u64> {
    u64::try_from(value.as_i128()?).ok()
}
