//! The columns of a line, from the time to the fields.

use std::borrow::Cow;

use super::{
    COLUMNS, Page, Seen,
    fields::{Fields, Scratch, in_columns},
    ink::Text,
    rules::FieldRules,
    usual::bookkeeping,
};
use crate::{
    record::{Canonical, Level, Malformed, Record, bytes_of},
    render::{style::Style, text::SHOWN_OF_ID},
};

/// The columns of a level.
const LEVEL: usize = 8;

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
            self.level(seen.level, out);
        }
        if self.columns.has(Canonical::Tree)
            && let Some(tree) = record.bytes(Canonical::Tree)
        {
            let tree = self.text(&tree);
            blank(begin, out);
            if tree.is_clean {
                let bytes = &tree.bytes[..SHOWN_OF_ID.min(tree.bytes.len())];
                self.pen.dim.text(out, Text { bytes, ..tree });
            } else {
                let tree = String::from_utf8_lossy(tree.bytes);
                let end = tree.char_indices().nth(SHOWN_OF_ID);
                let end = end.map_or(tree.len(), |(at, _)| at);
                self.pen.dim.text(out, &tree[..end]);
            }
        }
        // Where no service is known, the process is told by its host.
        if self.columns.has(Canonical::Host)
            && record.value(Canonical::Service).is_some()
            && let Some(host) = record.bytes(Canonical::Host)
        {
            blank(begin, out);
            self.pen.name.text(out, self.text(&host));
        }
        if self.columns.has(Canonical::Process)
            && let number = record.bytes(Canonical::Process)
            && let place = [Canonical::Service, Canonical::Host]
            && let place = place.iter().find_map(|&place| record.bytes(place))
            && let Some(first) = place.as_ref().or(number.as_ref())
        {
            blank(begin, out);
            self.pen.name.around(out, |out| {
                self.text(first).write(out);
                if let (Some(_), Some(number)) = (&place, &number) {
                    out.push(b':');
                    self.text(number).write(out);
                }
            });
        }
    }

    pub(super) fn level(&self, level: Option<Level>, out: &mut Vec<u8>) {
        self.pen.level(level).around(out, |out| {
            let name = level.map_or("-", |level| level.name()).as_bytes();
            let mut cell = [b' '; LEVEL];
            for (to, from) in cell.iter_mut().zip(name) {
                *to = from.to_ascii_uppercase();
            }
            out.extend_from_slice(&cell);
        });
    }

    /// Appends logger, message and fields, and what stands below them, with the newline.
    pub(super) fn what(
        &self,
        record: &Record<'_, '_>,
        seen: Seen,
        begin: usize,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        if self.columns.has(Canonical::Logger)
            && let Some(logger) = record.bytes(Canonical::Logger)
        {
            blank(begin, out);
            self.pen.key.text(out, self.text(&logger));
        }
        let mut is_long = false;
        if self.columns.has(Canonical::Message) {
            let mut message = record.bytes(Canonical::Message).unwrap_or_default();
            if message.starts_with(b"[") {
                message = record.message().map(bytes_of).unwrap_or_default();
            }
            is_long = memchr::memchr(b'\n', &message).is_some();
            if is_long {
                message = first_line(&message);
            }
            blank(begin, out);
            self.pen
                .folded(out, Some(self.ink(seen.marked)), self.text(&message), false);
        }
        let Scratch { tall, known } = scratch;
        let elsewhere;
        let mut fields = Fields {
            pen: self.pen,
            rules: self.rules,
            elsewhere: &[],
            tall,
            schema: record.schema(),
            is_bookkeeping: bookkeeping(record.schema()),
            is_clean: self.is_clean,
            blank: out.len() > begin,
        };
        // Rules may reach into what is known.
        let is_ruled = !self.rules.is_empty();
        let line = if is_ruled {
            None
        } else {
            known.line(record, self.pen)
        };
        if line.is_none() || record.has_inner() {
            elsewhere = in_columns(record);
            fields.elsewhere = &elsewhere;
        }
        match line {
            Some(line) => {
                let told = seen.told | record.members_of(&COLUMNS[2..]);
                fields.known(record, line, told, out)?;
            }
            None => fields.write(record, out)?,
        }
        fields.derived(record, out);
        out.push(b'\n');
        self.below(record, is_long, tall, out);
        Ok(())
    }
}

/// The first line of a message that has several.
#[cold]
fn first_line(message: &[u8]) -> Cow<'static, [u8]> {
    let message = String::from_utf8_lossy(message);
    let first = message.lines().next().unwrap_or_default();
    first.as_bytes().to_vec().into()
}
