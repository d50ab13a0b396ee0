//! What is asked of the value behind a key, whatever record it stands in.

use memchr::memmem::Finder;

use super::{heads::Heads, token::value_after, words::Words};
use crate::{
    expr::{filter::Ordered, level::bit, value_test::ValueTest},
    record::{Canonical, Instant, Kind, Place, Value},
};

#[derive(Clone, Debug)]
pub(super) enum Check {
    /// A raw field with a value that passes.
    Raw(ValueTest),
    /// A raw field that is not null.
    NotNull,
    /// A raw field inside of an array that stands here.
    Within,
    /// A level that passes at one of these places, of which none reads one of these words so.
    Level(Vec<Place>, Words, u32),
    /// A time that passes all these tests.
    Time(Place, Box<Heads>, Vec<Ordered<Instant>>),
    Duration(Place, Ordered<f64>),
    Text(Place, ValueTest),
    /// A canonical field that can be read.
    Readable(Place, Canonical),
    /// All of these.
    Each(Vec<Check>),
    /// An object in which this key, with its quotes, has a value that passes.
    Inside(Box<Finder<'static>>, Box<Check>),
}

impl Check {
    /// All of `checks`.
    pub(super) fn each(checks: impl Iterator<Item = Self>) -> Self {
        let mut checks: Vec<_> = checks.collect();
        match checks.len() {
            1 => checks.swap_remove(0),
            _ => Self::Each(checks),
        }
    }

    /// Adds a check to those of which one has to hold; levels that mean the same words are one,
    /// because most producers write words and the scales of the others are many.
    pub(super) fn add(self, checks: &mut Vec<Self>) {
        if let Self::Level(places, words, mask) = &self {
            for check in &mut *checks {
                if let Self::Level(known, same, other) = check
                    && (words, mask) == (&*same, &*other)
                {
                    return known.extend(places);
                }
            }
        }
        checks.push(self);
    }

    /// False if a record whose field has this value fails the test.
    pub(super) fn may_hold(&self, value: Value<'_>) -> bool {
        match (value.kind, self) {
            // No list is a level, and no level is kept in one; each record of Eliot has a list in
            // `task_level`.
            (Kind::Array, Self::Level(..)) => false,
            (Kind::Array, Self::Inside(_, check)) if matches!(**check, Self::Level(..)) => false,
            // Not looked into here.
            (Kind::Escaped | Kind::Array, _)
            | (Kind::Object, Self::Text(..) | Self::NotNull | Self::Readable(..)) => true,
            (_, Self::Each(checks)) => checks.iter().all(|check| check.may_hold(value)),
            (_, Self::Within) => false,
            (_, Self::Inside(key, check)) => {
                value.kind == Kind::Object && check.may_hold_inside(key, value.raw)
            }
            (_, Self::NotNull) => value.kind != Kind::Null,
            (_, Self::Raw(test)) => test.holds(value),
            (_, Self::Level(places, words, mask)) => {
                let passes = |place: &Place| {
                    place
                        .level(value)
                        .is_some_and(|level| mask & bit(level) != 0)
                };
                !(value.kind == Kind::Plain && words.exclude(value.raw))
                    && places.iter().any(passes)
            }
            // Half of what is asked about.
            (_, Self::Time(place, ..) | Self::Duration(place, _)) if place.is_beside() => {
                value.kind != Kind::Null
            }
            (_, Self::Readable(place, Canonical::Time | Canonical::Duration))
                if place.is_beside() =>
            {
                value.kind != Kind::Null
            }
            (_, Self::Time(place, heads, tests)) => {
                !heads.exclude(value.raw)
                    && place
                        .time(value)
                        .is_some_and(|time| tests.iter().all(|test| test.accepts(&time)))
            }
            (_, Self::Duration(place, ordered)) => place
                .number(value)
                .is_some_and(|seconds| ordered.accepts(&seconds)),
            (_, Self::Text(place, test)) => place.text(value).is_some_and(|text| {
                test.holds(Value {
                    kind: Kind::Plain,
                    raw: text.as_bytes(),
                })
            }),
            (_, Self::Readable(place, canonical)) => match canonical {
                Canonical::Level => place.level(value).is_some(),
                Canonical::Time => place.time(value).is_some(),
                Canonical::Duration => place.number(value).is_some(),
                _ => place.text(value).is_some(),
            },
        }
    }

    /// True if the value behind `key` may pass anywhere in the line that `bytes` begin with.
    fn may_hold_inside(&self, key: &Finder<'_>, bytes: &[u8]) -> bool {
        let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
        let line = &bytes[..end];
        key.find_iter(line)
            .filter_map(|at| value_after(line, at + key.needle().len()))
            .any(|value| self.may_hold(value))
    }
}
