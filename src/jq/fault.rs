//! Why a program failed on a record, in one line.
//!
//! A value may be the whole record; what is said of it comes first, and then a piece of it.

use std::fmt::Write as _;

use jaq_json::{Error, Val};

use super::{read::read, same::same};
use crate::caret::one_line;

/// Characters of a value that are shown.
const SHOWN: usize = 40;

/// What an error says.
pub(super) fn message(error: Error, record: &Val) -> String {
    let mut text = Ends::default();
    // It says that it is full, and that is all there is to it.
    let _ = write!(text, "{error}");
    let text = text.text();
    if text.starts_with('{') && same(&error.into_val(), record) {
        return "error was called with the whole record; as a text it is written \"error\""
            .to_owned();
    }
    match read(text.as_bytes()) {
        // What a program says with `error` is no JSON for whom it tells.
        Ok(Val::TStr(text)) => one_line(&String::from_utf8_lossy(&text)),
        _ => one_line(&in_order(&text)),
    }
}

/// What cannot be done, then the value with which it cannot.
fn in_order(text: &str) -> String {
    if let Some((value, wanted)) = parts(text, "cannot use ", " as ") {
        return format!("cannot use {} as {wanted}: {}", kind(value), cut(value));
    }
    if let Some((value, index)) = parts(text, "cannot index ", " with ") {
        let (kind, index) = (kind(value), cut(index));
        return format!("cannot index {kind} with {index}: {}", cut(value));
    }
    let from_end = text.char_indices().rev().nth(SHOWN);
    match (text.char_indices().nth(2 * SHOWN), from_end) {
        (Some((head, _)), Some((tail, _))) if head < tail => {
            format!("{}…{}", &text[..head], &text[tail..])
        }
        _ => text.to_owned(),
    }
}

fn parts<'t>(text: &'t str, before: &str, between: &str) -> Option<(&'t str, &'t str)> {
    text.strip_prefix(before)?.rsplit_once(between)
}

fn kind(value: &str) -> &'static str {
    match value.bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b'n') => "null",
        Some(b't' | b'f') => "a boolean",
        _ => "a number",
    }
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}

/// The two ends of a text that may be long.
#[derive(Default)]
struct Ends {
    head: String,
    tail: String,
}

/// The bytes that are kept of each end, and a little more: more than a message needs.
const KEPT: usize = 1000;

impl Ends {
    fn text(self) -> String {
        self.head + &self.tail
    }
}

impl std::fmt::Write for Ends {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let mut room = KEPT.saturating_sub(self.head.len()).min(text.len());
        if !self.tail.is_empty() {
            room = 0;
        }
        while !text.is_char_boundary(room) {
            room -= 1;
        }
        let (head, text) = text.split_at(room);
        self.head.push_str(head);
        self.tail.push_str(text);
        if self.tail.len() > 4 * KEPT {
            let mut at = self.tail.len() - KEPT;
            while !self.tail.is_char_boundary(at) {
                at += 1;
            }
            self.tail.drain(..at);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_comes_before_a_long_value() {
        let check = |text: &str, expect: &str| {
            let mut ends = Ends::default();
            ends.write_str(text).expect("room");
            assert_eq!(in_order(&ends.text()), expect, "{text}");
        };
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(100_000));
        let start = &long[..SHOWN];
        check(
            &format!("cannot use {long} as string"),
            &format!("cannot use an object as string: {start}…"),
        );
        check("cannot use 1 as array", "cannot use a number as array: 1");
        check(
            &format!("cannot index {long} with 1"),
            &format!("cannot index an object with 1: {start}…"),
        );
        check("cannot calculate 1 + \"a\"", "cannot calculate 1 + \"a\"");
        let sum = format!("cannot calculate {long} + 1");
        let found = in_order(&sum);
        assert!(found.starts_with("cannot calculate {\"a\"") && found.ends_with("x\"} + 1"));
        assert!(found.chars().count() <= 3 * SHOWN + 2, "{found}");
    }

    #[test]
    fn of_a_long_text_both_ends_are_kept() {
        let mut ends = Ends::default();
        for at in 0..10_000 {
            write!(ends, "{at}é ").expect("room");
        }
        let text = ends.text();
        assert!(text.starts_with("0é 1é ") && text.ends_with("9998é 9999é "));
        assert!(text.len() < 6 * KEPT);
    }
}
