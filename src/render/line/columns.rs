//! The columns of a line, from the time to the fields.

use super::{
    COLUMNS, Page, Seen,
    fields::{Fields, Tall, bookkeeping, in_columns},
    rules::FieldRules,
};
use crate::{
    record::{Canonical, Malformed, Process, Record},
    render::{style::Style, text::write_clean},
};

/// Which columns there are: a bit for each canonical field that has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns(u32);

impl Columns {
    pub(super) fn new(rules: &FieldRules, style: &Style) -> Self {
        let shown = |column: &Canonical| {
            let asked = *column != Canonical::Time || !style.times.is_none();
            asked && rules.shows_column(*column)
        };
        let bits = COLUMNS.iter().filter(|column| shown(column));
        Self(bits.fold(0, |bits, column| bits | 1 << *column as u32))
    }

    #[inline]
    pub(super) fn has(self, column: Canonical) -> bool {
        self.0 >> column as u32 & 1 == 1
    }
}

/// Appends the blank between two columns.
#[inline]
fn blank(begin: usize, out: &mut Vec<u8>) {
    if out.len() > begin {
        out.push(b' ');
    }
}

impl Page<'_> {
    /// Appends what stands in front of the logger.
    pub(super) fn front(
        &self,
        record: &Record<'_, '_>,
        seen: Seen,
        begin: usize,
        out: &mut Vec<u8>,
    ) {
        if self.columns.has(Canonical::Time) {
            let times = &self.style.times;
            self.pen
                .dim
                .around(out, |out| times.write(seen.time, seen.first, out));
        }
        if self.delta {
            blank(begin, out);
            self.delta(seen, out);
        }
        if self.columns.has(Canonical::Level) {
            blank(begin, out);
            self.level(record, out);
        }
        if self.columns.has(Canonical::Tree)
            && let Some(tree) = record.text(Canonical::Tree)
        {
            // Enough to tell neighbours apart.
            let end = tree.char_indices().nth(8).map_or(tree.len(), |(at, _)| at);
            blank(begin, out);
            self.pen.dim.text(out, &tree.as_bytes()[..end]);
        }
        if self.columns.has(Canonical::Process)
            && let Process { place, number, .. } = record.process_parts()
            && let Some(first) = place.as_ref().or(number.as_ref())
        {
            blank(begin, out);
            self.pen.name.around(out, |out| {
                write_clean(first.as_bytes(), out);
                if let (Some(_), Some(number)) = (&place, &number) {
                    out.push(b':');
                    write_clean(number.as_bytes(), out);
                }
            });
        }
    }

    pub(super) fn level(&self, record: &Record<'_, '_>, out: &mut Vec<u8>) {
        let level = record.level();
        self.pen.level(level).around(out, |out| {
            let name = level.map_or("-", |level| level.name()).as_bytes();
            out.extend(name.iter().map(u8::to_ascii_uppercase));
            out.extend(std::iter::repeat_n(
                b' ',
                8_usize.saturating_sub(name.len()),
            ));
        });
    }

    /// Appends logger, message and fields, and what stands below them, with the newline.
    pub(super) fn what(
        &self,
        record: &Record<'_, '_>,
        marked: bool,
        begin: usize,
        tall: &mut Vec<Tall>,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        if self.columns.has(Canonical::Logger)
            && let Some(logger) = record.text(Canonical::Logger)
        {
            blank(begin, out);
            self.pen.key.text(out, logger.as_bytes());
        }
        let message = record.text(Canonical::Message).unwrap_or_default();
        if self.columns.has(Canonical::Message) {
            blank(begin, out);
            let first = match memchr::memchr(b'\n', message.as_bytes()) {
                Some(_) => message.lines().next().unwrap_or_default(),
                None => &*message,
            };
            self.pen
                .folded(out, self.ink(marked), first.as_bytes(), false);
        }
        Fields {
            pen: self.pen,
            rules: self.rules,
            elsewhere: &in_columns(record),
            tall,
            is_bookkeeping: bookkeeping(record.schema()),
            blank: out.len() > begin,
        }
        .write(record, out)?;
        out.push(b'\n');
        self.below(record, tall, out);
        Ok(())
    }
}
