//! Regular expressions, compiled once for each pattern and not for each record.
//!
//! They are those of the regex crate, as in dl-expr(7): no look-around, no references back,
//! and a time that is linear in the text.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use jaq_core::{
    ValT as _,
    native::{Fun, bome, run, v},
};
use jaq_json::{Error, Val};
use jaq_std::ValT as _;
use regex::bytes::{Captures, Regex, RegexBuilder};

use super::{super::write::shown, Kind};

/// Patterns that are remembered; a program that makes more of them forgets all.
const REMEMBERED: usize = 64;

/// The patterns of a program, each with its flags.
#[derive(Debug, Default)]
pub(in super::super) struct Patterns(HashMap<String, HashMap<String, Arc<Pattern>>>);

/// A compiled pattern, and flags that are not its own.
/// A clone of the expression would begin with an empty cache, and making one takes longer than
/// a search.
#[derive(Debug)]
struct Pattern {
    regex: Regex,
    /// All matches, not only the first.
    all: bool,
    /// Without those that are empty.
    no_empty: bool,
}

/// What to make of a text.
#[derive(Clone, Copy)]
struct Wanted {
    /// The texts between the matches.
    between: bool,
    matches: bool,
}

pub(super) fn functions() -> impl Iterator<Item = Fun<Kind>> {
    [
        run::<Kind>(("matches", v(2), |mut cv| {
            let (flags, pattern) = (cv.0.pop_var(), cv.0.pop_var());
            let wanted = Wanted {
                between: false,
                matches: true,
            };
            bome(find(&cv.1, &pattern, &flags, cv.0.data().patterns, wanted))
        })),
        run(("test", v(2), |mut cv| {
            let (flags, pattern) = (cv.0.pop_var(), cv.0.pop_var());
            bome(test(&cv.1, &pattern, &flags, cv.0.data().patterns))
        })),
        run(("split_matches", v(2), |mut cv| {
            let (flags, pattern) = (cv.0.pop_var(), cv.0.pop_var());
            let wanted = Wanted {
                between: true,
                matches: true,
            };
            bome(find(&cv.1, &pattern, &flags, cv.0.data().patterns, wanted))
        })),
        run(("split_", v(2), |mut cv| {
            let (flags, pattern) = (cv.0.pop_var(), cv.0.pop_var());
            let wanted = Wanted {
                between: true,
                matches: false,
            };
            bome(find(&cv.1, &pattern, &flags, cv.0.data().patterns, wanted))
        })),
    ]
    .into_iter()
}

/// Tells whether there is a match, for which none needs to be made.
fn test(
    value: &Val,
    pattern: &Val,
    flags: &Val,
    patterns: &RefCell<Patterns>,
) -> Result<Val, Error> {
    let text = value.try_as_utf8_bytes()?;
    let pattern = patterns.borrow_mut().get(pattern, flags)?;
    Ok(Val::Bool(if pattern.no_empty {
        let mut found = pattern.regex.find_iter(text);
        found.any(|found| !found.is_empty())
    } else {
        pattern.regex.is_match(text)
    }))
}

fn find(
    value: &Val,
    pattern: &Val,
    flags: &Val,
    patterns: &RefCell<Patterns>,
    wanted: Wanted,
) -> Result<Val, Error> {
    let text = value.try_as_utf8_bytes()?;
    let pattern = patterns.borrow_mut().get(pattern, flags)?;
    let mut found = Vec::new();
    let mut end = 0;
    let mut counted = Counted::default();
    for captures in pattern.regex.captures_iter(text) {
        let Some(whole) = captures.get(0) else { break };
        if pattern.no_empty && whole.is_empty() {
            continue;
        }
        if wanted.between {
            found.push(value.as_sub_str(&text[end..whole.start()]));
            end = whole.end();
        }
        if wanted.matches {
            let start = counted.characters(text, whole.start());
            let groups = pattern.regex.capture_names().enumerate();
            let groups = groups.map(|(at, name)| {
                let group = (at, name);
                group_of(value, text, &captures, group, (whole.start(), start))
            });
            found.push(groups.collect::<Result<_, _>>()?);
        }
        if !pattern.all {
            break;
        }
    }
    if wanted.between {
        found.push(value.as_sub_str(&text[end..]));
    }
    Ok(found.into_iter().collect())
}

/// A group of a match as an object; `start` is where the match starts, in bytes and in
/// characters.
fn group_of(
    value: &Val,
    text: &[u8],
    captures: &Captures<'_>,
    (at, name): (usize, Option<&str>),
    start: (usize, isize),
) -> Result<Val, Error> {
    let (offset, length, string) = match captures.get(at) {
        Some(group) => {
            // A group may lie before the match only if there was look-behind.
            let offset = start.1 + characters(&text[start.0..group.start()]);
            let string = value.as_sub_str(&text[group.range()]);
            (offset, characters(group.as_bytes()), string)
        }
        // jq says so of a group that took no part.
        None => (-1, 0, Val::Null),
    };
    let name = match name {
        Some(name) => Some(Val::from(name.to_owned())),
        None if at > 0 => Some(Val::Null),
        None => None,
    };
    let fields = [
        ("offset", Val::from(offset)),
        ("length", Val::from(length)),
        ("string", string),
    ];
    let fields = fields
        .into_iter()
        .chain(name.map(|name| ("name", name)))
        .map(|(key, value)| (Val::from(key.to_owned()), value));
    Val::from_map(fields)
}

/// Characters up to a place, counted on from the last place.
#[derive(Default)]
struct Counted {
    bytes: usize,
    characters: isize,
}

impl Counted {
    fn characters(&mut self, text: &[u8], at: usize) -> isize {
        self.characters += characters(&text[self.bytes..at]);
        self.bytes = at;
        self.characters
    }
}

/// How many characters begin in `text`.
fn characters(text: &[u8]) -> isize {
    let continues = |byte: &&u8| **byte & 0xC0 != 0x80;
    isize::try_from(text.iter().filter(continues).count()).unwrap_or(isize::MAX)
}

impl Patterns {
    fn get(&mut self, pattern: &Val, flags: &Val) -> Result<Arc<Pattern>, Error> {
        // jq takes both in one array too.
        let (pattern, flags) = match pattern {
            Val::Arr(both) if !both.is_empty() && both.len() <= 2 => {
                (&both[0], both.get(1).unwrap_or(flags))
            }
            _ => (pattern, flags),
        };
        let text = |value: &Val| match value {
            Val::TStr(text) => Ok(String::from_utf8_lossy(text).into_owned()),
            value => Err(Error::typ(value.clone(), "string")),
        };
        let pattern = text(pattern)?;
        let flags = match flags {
            Val::Null => String::new(),
            flags => text(flags)?,
        };
        if let Some(known) = self.0.get(&flags).and_then(|known| known.get(&pattern)) {
            return Ok(Arc::clone(known));
        }
        let compiled = Arc::new(Pattern::new(&pattern, &flags)?);
        if self.0.values().map(HashMap::len).sum::<usize>() >= REMEMBERED {
            self.0.clear();
        }
        let known = self.0.entry(flags).or_default();
        known.insert(pattern, Arc::clone(&compiled));
        Ok(compiled)
    }
}

impl Pattern {
    fn new(pattern: &str, flags: &str) -> Result<Self, Error> {
        let mut builder = RegexBuilder::new(pattern);
        let (mut all, mut no_empty) = (false, false);
        for flag in flags.chars() {
            match flag {
                'g' => all = true,
                'n' => no_empty = true,
                'i' => drop(builder.case_insensitive(true)),
                'x' => drop(builder.ignore_whitespace(true)),
                'p' => drop(builder.dot_matches_new_line(true)),
                // ^ and $ match at the ends of the text only, as they do anyway.
                's' => {}
                _ => {
                    let flags = shown(&Val::from(flags.to_owned()));
                    return Err(Error::str(format_args!("no flags of a pattern: {flags}")));
                }
            }
        }
        let regex = builder.build().map_err(|error| {
            // The crate draws a picture of several lines; its last one is the reason.
            let reason = error.to_string();
            let reason = reason.lines().next_back().unwrap_or_default();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason);
            let pattern = shown(&Val::from(pattern.to_owned()));
            Error::str(format_args!("bad pattern {pattern}: {reason}"))
        })?;
        Ok(Self {
            regex,
            all,
            no_empty,
        })
    }
}
