//! Eliot: `task_uuid` and `task_level` (REFERENCE.md §2).
//!
//! Since 0.6 a level is the list of positions from the root down to the record, so the
//! scope is the level without its last number, and a child action's number is a position
//! among its parent's records. Up to 0.5 a level is the action's path as text and
//! `action_counter` the position; there, children are numbered on their own.

use std::borrow::Cow;

use super::{Keyed, MAX_DEPTH, Place, Placement, Role, Scheme, Scope, Starts, Trail, TreeId};
use crate::{
    record::{Canonical, Field, Kind, Path, Reader, Record, Value},
    tree::Status,
};

/// The scheme of Eliot, all versions.
pub(super) struct Eliot;

impl Scheme for Eliot {
    fn name(&self) -> &'static str {
        "eliot"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        reader.canonical(Canonical::Tree);
        let task = ["task_uuid", "eliot.task_uuid"];
        Box::new(Task(task.map(|path| reader.raw(&Path::dotted(path)))))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        for canonical in [
            Canonical::Tree,
            Canonical::Node,
            Canonical::Seq,
            Canonical::Event,
            Canonical::Status,
        ] {
            reader.canonical(canonical);
        }
        reader.canonical(Canonical::Type);
        let mut either = |name: &str| {
            [name.to_owned(), format!("eliot.{name}")].map(|path| reader.raw(&Path::dotted(&path)))
        };
        Box::new(Fields {
            exception: either("exception"),
            reason: either("reason"),
        })
    }
}

/// The id of the task: plain, and behind Twisted's logger.
struct Task([Field; 2]);

impl Keyed for Task {
    fn fields(&self) -> Vec<Field> {
        self.0.to_vec()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let follows = matches!(record.schema(), Some("eliot" | "eliot-twisted"));
        if !follows {
            return None;
        }
        record.bytes(Canonical::Tree).map(TreeId::from)
    }
}

/// The raw fields: plain, and behind Twisted's logger.
struct Fields {
    exception: [Field; 2],
    reason: [Field; 2],
}

impl Place for Fields {
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let level = record.value(Canonical::Node)?;
        let is_list = level.kind == Kind::Array;
        // Up to 0.5 the whole level is the scope.
        let counter = if is_list {
            None
        } else {
            record
                .number(Canonical::Seq)
                .filter(|&counter| counter >= 0.0)
        };
        let (mut path, last) = split(level)?;
        let position = match (counter, last) {
            (Some(counter), last) => {
                if let Some(last) = last {
                    path.push_number(last);
                }
                as_position(counter)
            }
            (None, Some(last)) => last,
            (None, None) => return None,
        };
        let status = record.text(Canonical::Status);
        let role = match status.as_deref().and_then(Status::from_name) {
            Some(Status::Running) => Role::Start { ends: true },
            Some(status) => Role::End(status),
            // An action's first position is its start; a message there stands alone.
            None if path.is_empty() && position <= 1 && is_list => Role::Lone,
            None if path.is_empty() && position == 0 => Role::Lone,
            None => Role::Detail,
        };
        let names_scope = !matches!(role, Role::Detail);
        Some(Placement {
            scope: Scope::Path(path),
            position,
            shared_positions: is_list,
            base: Some(u64::from(is_list)),
            counted: true,
            starts: Starts::Always,
            role,
            name: if names_scope {
                record.bytes(Canonical::Type)
            } else {
                None
            },
            exception: if role == Role::End(Status::Failed) {
                self.why(record)
            } else {
                None
            },
            ..Placement::default()
        })
    }
}

impl Fields {
    fn why<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        let text = |fields: &[Field; 2]| {
            fields
                .iter()
                .find_map(|field| record.raw(field))
                .map(Value::text)
        };
        match (text(&self.exception), text(&self.reason)) {
            (Some(kind), Some(reason)) => Some(format!("{kind}: {reason}").into()),
            (either, reason) => either.or(reason),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be at least 0; it saturates"
)]
fn as_position(counter: f64) -> u64 {
    counter as u64
}

/// A level, `[3,2,1]`, `"/3/2/1"`, `"/1/"`, or `"/2/2~1"` of 2014, in two: its last number, and
/// those before it.
#[inline]
fn split(level: Value<'_>) -> Option<(Trail, Option<u64>)> {
    match level.kind {
        Kind::Array => {
            let inner = level.raw.get(1..level.raw.len() - 1)?;
            short(inner).or_else(|| numbers(inner, |b| b == b','))
        }
        Kind::Plain => numbers(level.raw, |b| matches!(b, b'/' | b'~')),
        Kind::Escaped => numbers(level.as_str()?.as_bytes(), |b| matches!(b, b'/' | b'~')),
        _ => None,
    }
}

/// The same of a few numbers below 100 with commas between them, as most are.
#[inline]
fn short(text: &[u8]) -> Option<(Trail, Option<u64>)> {
    let (mut steps, mut depth) = ([0; 12], 0);
    let mut rest = text;
    loop {
        let number;
        (number, rest) = match *rest {
            [one @ b'0'..=b'9', ref rest @ ..] if !rest.first().is_some_and(u8::is_ascii_digit) => {
                (one - b'0', rest)
            }
            [ten @ b'0'..=b'9', one @ b'0'..=b'9', ref rest @ ..] => {
                ((ten - b'0') * 10 + (one - b'0'), rest)
            }
            _ => return None,
        };
        rest = match *rest {
            [] => return Some((Trail::from_bytes(&steps[..depth]), Some(number.into()))),
            [b',', ref rest @ ..] => rest,
            _ => return None,
        };
        *steps.get_mut(depth)? = number;
        depth += 1;
    }
}

fn numbers(text: &[u8], is_separator: fn(u8) -> bool) -> Option<(Trail, Option<u64>)> {
    let (mut path, mut depth) = (Trail::default(), 0);
    let (mut last, mut number): (Option<u64>, Option<u64>) = (None, None);
    let mut ended = false;
    for &byte in text {
        if byte.is_ascii_digit() {
            if ended {
                return None;
            }
            let digit = u64::from(byte - b'0');
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
        } else if is_separator(byte) {
            ended = false;
            if let Some(number) = number.take()
                && let Some(last) = last.replace(number)
            {
                path.push_number(last);
                depth += 1;
            }
        } else if byte.is_ascii_whitespace() {
            ended |= number.is_some();
        } else {
            return None;
        }
    }
    if let Some(number) = number
        && let Some(last) = last.replace(number)
    {
        path.push_number(last);
        depth += 1;
    }
    (depth < MAX_DEPTH).then_some((path, last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::Part, *};

    proptest! {
        #[test]
        fn short_lists_are_read_as_all_are(text in "[0-9]{1,3}([,0-9 ]{0,12}|(,[0-9]{1,2}){0,14})") {
            let all = numbers(text.as_bytes(), |byte| byte == b',');
            if let Some(short) = short(text.as_bytes()) {
                prop_assert_eq!(Some(short), all, "{}", text);
            } else {
                let small = |part: &str| part.len() <= 2 && !part.is_empty();
                let is_short = text.len() < 24 && !text.contains(' ') && text.split(',').all(small);
                prop_assert!(!is_short, "{}", text);
            }
        }
    }

    #[test]
    fn levels_in_every_form() {
        let check = |kind, raw: &str, expect: Option<&[u64]>| {
            let found = split(Value {
                kind,
                raw: raw.as_bytes(),
            });
            let expect = expect.map(|numbers| {
                let (last, path) = match numbers.split_last() {
                    Some((&last, path)) => (Some(last), path),
                    None => (None, numbers),
                };
                (path.iter().map(|&n| Part::Number(n)).collect(), last)
            });
            assert_eq!(found, expect, "{raw}");
        };
        check(Kind::Array, "[3,2,1]", Some(&[3, 2, 1]));
        check(Kind::Array, "[3, 3, 2]", Some(&[3, 3, 2]));
        check(Kind::Plain, "/3/2/1", Some(&[3, 2, 1]));
        check(Kind::Plain, "/", Some(&[]));
        check(Kind::Plain, "/1/", Some(&[1]));
        check(Kind::Plain, "/2/2~1", Some(&[2, 2, 1]));
        check(Kind::Escaped, "\\/1\\/2", Some(&[1, 2]));
        check(Kind::Array, "[1,\"x\"]", None);
        check(Kind::Array, "[-1]", None);
        check(Kind::Array, "[1 2]", None);
        check(Kind::Array, "[]", Some(&[]));
        check(Kind::Array, "[18446744073709551616]", None);
        check(Kind::Number, "1", None);
    }
}
