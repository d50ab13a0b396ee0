//! A record in the parts of a template.

use std::{borrow::Cow, iter};

use unicode_width::UnicodeWidthStr;

use super::{
    Page, Seen,
    fields::{Fields, Scratch, bare, in_columns},
    ink::Ink,
    template::{Align, Part, Piece, Shape},
    usual::bookkeeping,
};
use crate::{
    record::{Canonical, Field, Malformed, Record},
    render::{
        text::sanitize,
        times::{delta, since},
    },
};

impl Page<'_> {
    /// Appends the record as the template says, with the newline.
    pub(super) fn fill(
        &self,
        parts: &[Part<Field>],
        record: &Record<'_, '_>,
        seen: Seen,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        // A template may end with what this record has not; the blanks before it go.
        let mut end = out.len();
        for part in parts {
            let before = out.len();
            match part {
                Part::Text(text) => {
                    out.extend_from_slice(text.as_bytes());
                    end = match text.trim_end_matches(' ').len() {
                        0 => end,
                        length => before + length,
                    };
                }
                Part::Piece(Piece::Fields, _) => {
                    self.rest(parts, record, scratch, out)?;
                    end = if out.len() > before { out.len() } else { end };
                }
                // Its place is below the line, wherever it is named.
                Part::Piece(Piece::More, _) => {}
                Part::Piece(piece, shape) => {
                    let (text, ink) = self.piece(piece, record, seen);
                    end = self.shaped(&text, ink, *shape, out).unwrap_or(end);
                }
            }
        }
        out.truncate(end);
        out.push(b'\n');
        if self.below {
            self.below(record, true, &scratch.tall, out);
        }
        Ok(())
    }

    /// Appends the fields that the template does not name.
    fn rest(
        &self,
        parts: &[Part<Field>],
        record: &Record<'_, '_>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        let mut elsewhere = in_columns(record).to_vec();
        let named = parts.iter().filter_map(|part| match part {
            Part::Piece(Piece::Raw(field), _) => record.raw(field),
            Part::Piece(Piece::Canonical(canonical), _) => record.value(*canonical),
            _ => None,
        });
        elsewhere.extend(named.map(|value| value.raw.as_ptr()));
        let mut fields = Fields {
            pen: self.pen,
            rules: self.rules,
            elsewhere: &elsewhere,
            tall: &mut scratch.tall,
            schema: record.schema(),
            is_bookkeeping: bookkeeping(record.schema()),
            is_clean: self.is_clean,
            blank: false,
        };
        fields.write(record, out)?;
        let is_duration = |part: &Part<Field>| {
            matches!(part, Part::Piece(Piece::Canonical(Canonical::Duration), _))
        };
        if !parts.iter().any(is_duration) {
            fields.derived(record, out);
        }
        Ok(())
    }

    /// The text of a piece and its colour.
    fn piece<'a>(
        &self,
        piece: &Piece<Field>,
        record: &Record<'a, '_>,
        seen: Seen,
    ) -> (Cow<'a, str>, Option<&Ink>) {
        let pen = self.pen;
        let text = |canonical| record.text(canonical).unwrap_or_default();
        match piece {
            Piece::Canonical(Canonical::Time) => {
                let mut time = Vec::new();
                self.style.times.write(seen.time, seen.first, &mut time);
                let time = String::from_utf8_lossy(&time).into_owned();
                (time.into(), Some(&pen.dim))
            }
            Piece::Canonical(Canonical::Level) => {
                let level = seen.level;
                let name = level.map_or_else(|| "-".into(), |level| level.name().to_uppercase());
                (name.into(), Some(pen.level(level)))
            }
            Piece::Canonical(Canonical::Process) => {
                (record.process().unwrap_or_default(), Some(&pen.name))
            }
            Piece::Canonical(Canonical::Message) => {
                let message = record.message().unwrap_or_default();
                (self.first(message), Some(self.ink(seen.marked)))
            }
            Piece::Canonical(Canonical::Logger) => (text(Canonical::Logger), Some(&pen.key)),
            Piece::Canonical(canonical @ (Canonical::Tree | Canonical::Node)) => {
                (text(*canonical), Some(&pen.dim))
            }
            // However its producer tells it.
            Piece::Canonical(Canonical::Duration) => {
                let seconds = record.number(Canonical::Duration);
                (
                    seconds.map_or("".into(), |seconds| seconds.to_string().into()),
                    None,
                )
            }
            Piece::Canonical(canonical) => (text(*canonical), None),
            Piece::Raw(field) => (record.raw(field).map_or("".into(), bare), None),
            Piece::Delta => (delta(seen.before, seen.time).into(), Some(&pen.dim)),
            Piece::Relative => {
                let seconds = seen.first.zip(seen.time).map(|(from, to)| since(from, to));
                let text = seconds.map_or("-".into(), |s| format!("{s:+.3}"));
                (format!("{text:>11}").into(), Some(&pen.dim))
            }
            Piece::Fields | Piece::More => ("".into(), None),
        }
    }

    /// The first line of a message whose further ones stand below.
    fn first<'a>(&self, message: Cow<'a, str>) -> Cow<'a, str> {
        if !self.below || !message.contains('\n') {
            return message;
        }
        message.lines().next().unwrap_or_default().to_owned().into()
    }

    /// Appends text with its blanks; returns where the text ends, if there is any.
    fn shaped(
        &self,
        text: &str,
        ink: Option<&Ink>,
        shape: Shape,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let end = shape
            .most
            .and_then(|most| text.char_indices().nth(most))
            .map_or(text.len(), |(at, _)| at);
        let text = sanitize(&text[..end]);
        let pad = shape.least.saturating_sub(text.width());
        let (left, right) = match shape.align {
            Align::Left => (0, pad),
            Align::Middle => (pad / 2, pad - pad / 2),
            Align::Right => (pad, 0),
        };
        out.extend(iter::repeat_n(b' ', left));
        self.pen.folded(out, ink, &*text, false);
        let end = out.len();
        out.extend(iter::repeat_n(b' ', right));
        (!text.is_empty()).then_some(end)
    }
}
