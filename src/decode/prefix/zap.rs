//! Cells between tabs, as zap's encoder for consoles writes them: `TIME LEVEL name file.go:12 message`, with a name and
//! a place or without.

use super::{
    Prefix,
    cut::{is_name, level, source},
    start::Start,
};
use crate::decode::cut::around;

/// What stands behind the time, which other loggers write with tabs too.
pub(super) fn tabs<'a>(prefix: &Prefix<'a>, start: &Start<'a>) -> Option<Prefix<'a>> {
    cells(prefix, start.whole)
}

fn cells<'a>(prefix: &Prefix<'a>, text: &'a [u8]) -> Option<Prefix<'a>> {
    let (first, rest) = around(text.strip_prefix(b"\t")?, b"\t")?;
    let found = prefix.clone().with_level(level(first)?);
    if let Some(placed) = found.clone().cell_with_place(rest) {
        return Some(placed);
    }
    Some(match around(rest, b"\t") {
        Some((name, rest)) if is_name(name) => {
            let named = found.with_logger(name);
            let placed = named.clone().cell_with_place(rest);
            placed.unwrap_or_else(|| named.with_message(rest))
        }
        _ => found.with_message(rest),
    })
}

/// The same with the time as zap writes it unless it is told otherwise: seconds, as `1.7951760001e+09`.
pub(super) fn seconds(text: &[u8]) -> Option<Prefix<'_>> {
    let end = memchr::memchr(b'\t', &text[..text.len().min(LONGEST_TIME)])?;
    let (seconds, rest) = text.split_at(end);
    // What a time in seconds ends with, and no other.
    if !seconds.ends_with(b"e+09") || seconds.get(1) != Some(&b'.') {
        return None;
    }
    str::from_utf8(seconds).ok()?.parse::<f64>().ok()?;
    let timed = Prefix {
        seconds: Some(seconds),
        ..Prefix::default()
    };
    cells(&timed, rest)
}

/// No number of seconds is longer.
const LONGEST_TIME: usize = 32;

impl<'a> Prefix<'a> {
    /// With the place that a cell tells, if it tells one, and the message behind it.
    fn cell_with_place(self, text: &'a [u8]) -> Option<Self> {
        let (place, message) = around(text, b"\t")?;
        let (file, line) = source(place)?;
        let found = self.with_place(file, line);
        Some(found.with_message(message))
    }
}

#[cfg(test)]
mod tests;
