//! Tracebacks in Apache's log of errors: `mod_wsgi` writes each line of one as an entry, all with the same in front but
//! for the time.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Entry, FORMAT};
use crate::{
    decode::below::{Line, Open, is_head, is_indented},
    record::leads_to_exception,
};

/// How much of a traceback stands above an entry.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing: a traceback may begin.
    Before,
    /// What was raised is still to come.
    Within,
    /// All of it, unless it leads to another, which is written after it.
    Whole,
}

/// What an entry shows that may have a traceback behind it, or begins one.
pub(super) fn shown(entry: &Entry<'_>) -> Option<Line> {
    let part = if begins(entry) {
        Part::Within
    } else {
        Part::Before
    };
    (entry.module == Some(b"wsgi")).then(|| line(entry, part))
}

/// True for an entry that a traceback begins with.
pub(super) fn begins(entry: &Entry<'_>) -> bool {
    entry.module == Some(b"wsgi") && is_head(entry.message)
}

/// What stands above an entry of a traceback, and what there is of it then; `None` if it is none of the record's that
/// has shown `above`.
pub(super) fn goes_on(entry: &Entry<'_>, above: Open) -> Option<(Part, Line)> {
    let mut parts = [Part::Before, Part::Within, Part::Whole].into_iter();
    let part = parts.find(|part| head(entry, *part) == above.head)?;
    let text = entry.message;
    let leads = is_indented(text) || leads_to_exception(text);
    let then = match part {
        _ if is_head(text) => Part::Within,
        Part::Within if leads => Part::Within,
        Part::Within => Part::Whole,
        Part::Whole if leads => Part::Whole,
        Part::Before | Part::Whole => return None,
    };
    Some((part, line(entry, then)))
}

fn line(entry: &Entry<'_>, part: Part) -> Line {
    Line::Open(Open {
        by: FORMAT.name,
        head: head(entry, part),
        is_dated: true,
        is_begun: part != Part::Before || entry.message.starts_with(b"mod_wsgi (pid="),
    })
}

/// What entries have in common that have the same in front, if so much of a traceback is there.
fn head(entry: &Entry<'_>, part: Part) -> u64 {
    let mut hasher = DefaultHasher::new();
    let who = (entry.process, entry.thread, entry.client, entry.port);
    (who, entry.module, entry.level, part).hash(&mut hasher);
    hasher.finish()
}
