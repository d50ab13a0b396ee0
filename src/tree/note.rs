//! Notes: what the first look at a record found out about its place, in some twenty bytes,
//! so that no second one is needed. Most records can be noted: their scopes are paths, and
//! what a note has of their text are pieces of the line.

use std::borrow::Cow;

use super::{
    facts::Facts,
    model::Status,
    origin::Origin,
    placed::Placed,
    scheme::{Parent, Placement, Role, Scope, Starts, Trail},
    varint::{put, take},
};
use crate::record::{Instant, Kind, Level, Value, place_in};

const COUNTED: u8 = 1 << 0;
const SHARED: u8 = 1 << 1;
const BASED: u8 = 1 << 2;
const TIMED: u8 = 1 << 3;
const NAMED: u8 = 1 << 4;
/// The names of process and host are noted, if there are any.
const LOCATED: u8 = 1 << 5;
/// They are in the record, but not noted: the start of the scope mostly tells them.
const HAS_PROCESS: u8 = 1 << 6;
const HAS_HOST: u8 = 1 << 7;

/// Set beside role and starts: the text of a failure is noted.
const EXPLAINED: u8 = 1 << 6;

/// The first three of the four bits of the level stand above the number of the scheme, the last one
/// above the role: a note is not longer for it.
const LEVEL: u8 = 5;
const LEVEL_TOP: u8 = 1 << 7;

/// The levels that are told apart; 0 is none, then they are counted from 1.
const LEVELS: [Level; 8] = [
    Level(0),
    Level::DEBUG,
    Level::INFO,
    Level::NOTICE,
    Level::WARNING,
    Level::ERROR,
    Level::CRITICAL,
    Level::FATAL,
];

/// The longest path or text that is noted, in bytes.
const LONGEST: usize = 255;

const ROLES: [Role; 8] = [
    Role::Detail,
    Role::Lone,
    Role::Start { ends: true },
    Role::Start { ends: false },
    Role::End(Status::Unknown),
    Role::End(Status::Running),
    Role::End(Status::Succeeded),
    Role::End(Status::Failed),
];
const STARTS: [Starts; 3] = [Starts::Never, Starts::IfAny, Starts::Always];

/// Where a record was written: the fields, as they stand in its line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Located<'a> {
    /// They are there, or not: those of a process, and of a host.
    Unread([bool; 2]),
    /// Service, host and number of the process.
    Read([Option<Value<'a>>; 3]),
}

/// Appends the note of a record, or nothing if it cannot be noted. `scheme` is the one that has
/// placed it; the pieces of text are counted from the start of `line`.
pub(super) fn write(
    placement: &Placement<'_>,
    (time, level): (Option<Instant>, Option<Level>),
    located: Located<'_>,
    scheme: u8,
    line: &[u8],
    out: &mut Vec<u8>,
) {
    let start = out.len();
    if encode(placement, time, located, scheme, line, out).is_none() {
        out.truncate(start);
    } else if let Some(level) = level.and_then(|level| LEVELS.iter().rposition(|l| *l <= level)) {
        let level = u8::try_from(level + 1).unwrap_or(0);
        out[start] |= level << LEVEL;
        out[start + 2] |= level << 4 & LEVEL_TOP;
    }
}

fn encode(
    placement: &Placement<'_>,
    record_time: Option<Instant>,
    located: Located<'_>,
    scheme: u8,
    line: &[u8],
    out: &mut Vec<u8>,
) -> Option<()> {
    let Placement {
        scope: Scope::Path(path),
        parent: Parent::Unsaid,
        instance: None,
        side: None,
        exception,
        duration: None,
        time: None,
        end: None,
        position,
        counted,
        shared_positions,
        base,
        starts,
        role,
        name,
    } = placement
    else {
        return None;
    };
    // Texts may be of any length, and a note is to be small.
    let length = exception.as_ref().map_or(0, |text| text.len());
    if path.bytes().len().max(length) > LONGEST || scheme >> LEVEL != 0 {
        return None;
    }
    let [has_process, has_host] = match located {
        Located::Unread(has) => has,
        Located::Read(_) => [false; 2],
    };
    let bit = |holds, bit| if holds { bit } else { 0 };
    let bits = bit(*counted, COUNTED)
        | bit(*shared_positions, SHARED)
        | bit(base.is_some(), BASED)
        | bit(record_time.is_some(), TIMED)
        | bit(name.is_some(), NAMED)
        | bit(matches!(located, Located::Read(_)), LOCATED)
        | bit(has_process, HAS_PROCESS)
        | bit(has_host, HAS_HOST);
    let role = u8::try_from(ROLES.iter().position(|known| known == role)?).ok()?;
    let explained = bit(exception.is_some(), EXPLAINED);
    out.extend_from_slice(&[scheme, bits, role | (*starts as u8) << 4 | explained]);
    put(out, *position);
    if let Some(base) = base {
        put(out, *base);
    }
    put(out, path.bytes().len() as u64);
    out.extend_from_slice(path.bytes());
    if let Some(Instant(nanos)) = record_time {
        out.extend_from_slice(&nanos.to_le_bytes());
    }
    if let Some(name) = name {
        let Cow::Borrowed(name) = name else {
            return None;
        };
        put_piece(out, line, name)?;
    }
    if let Located::Read(fields) = located {
        for field in fields {
            match field {
                None => put(out, 0),
                // What is no UTF-8 is found out when it is read.
                Some(Value {
                    kind: Kind::Plain | Kind::Number,
                    raw,
                }) => put_piece(out, line, raw)?,
                Some(_) => return None,
            }
        }
    }
    // It is mostly put together of several fields, so that no piece of the line has it.
    if let Some(exception) = exception {
        put(out, exception.len() as u64);
        out.extend_from_slice(exception.as_bytes());
    }
    Some(())
}

/// Notes a piece of the line by where it begins, from 1, and its length; 0 is none.
fn put_piece(out: &mut Vec<u8>, line: &[u8], text: &[u8]) -> Option<()> {
    let place = place_in(line, text)?;
    put(out, place.start as u64 + 1);
    put(out, place.len() as u64);
    Some(())
}

/// What a note says, its texts still to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted<'n> {
    pub(super) scheme: u8,
    pub(super) position: u64,
    pub(super) time: Option<Instant>,
    pub(super) level: Option<Level>,
    /// The bytes of the [`Trail`].
    pub(super) path: &'n [u8],
    base: Option<u64>,
    role: Role,
    starts: Starts,
    bits: u8,
    is_explained: bool,
    /// The rest of the note.
    texts: &'n [u8],
}

/// The texts of a note.
#[derive(Debug, Default)]
pub(super) struct Texts<'a> {
    pub(super) name: Option<&'a [u8]>,
    pub(super) origin: Origin<'a>,
    pub(super) exception: Option<Cow<'a, str>>,
}

impl<'n> Noted<'n> {
    /// Reads a note, if it is one.
    #[inline]
    pub(super) fn read(mut note: &'n [u8]) -> Option<Self> {
        let note = &mut note;
        let (&[scheme, bits, kind], rest) = note.split_first_chunk::<3>()?;
        let level = usize::from(scheme >> LEVEL | (kind & LEVEL_TOP) >> 4);
        *note = rest;
        let has = |bit: u8| bits & bit != 0;
        let position = take(note)?;
        let base = if has(BASED) { Some(take(note)?) } else { None };
        let length = usize::try_from(take(note)?).ok()?;
        let (path, rest) = note.split_at_checked(length)?;
        *note = rest;
        let time = if has(TIMED) {
            let (nanos, rest) = note.split_first_chunk()?;
            *note = rest;
            Some(Instant(i64::from_le_bytes(*nanos)))
        } else {
            None
        };
        Some(Self {
            scheme: scheme & ((1 << LEVEL) - 1),
            position,
            time,
            level: level.checked_sub(1).and_then(|at| LEVELS.get(at)).copied(),
            path,
            base,
            role: *ROLES.get(usize::from(kind & 0xF))?,
            starts: *STARTS.get(usize::from(kind >> 4 & 0b11))?,
            bits,
            is_explained: kind & EXPLAINED != 0,
            texts: note,
        })
    }

    fn has(&self, bit: u8) -> bool {
        self.bits & bit != 0
    }

    /// True if no two records of a scope have one position.
    pub(super) fn counted(&self) -> bool {
        self.has(COUNTED)
    }

    /// Which names of process and host the record has that are not noted.
    pub(super) fn hidden(&self) -> [bool; 2] {
        [self.has(HAS_PROCESS), self.has(HAS_HOST)]
    }

    /// True if there are texts to read.
    pub(super) fn has_texts(&self) -> bool {
        self.has(NAMED | LOCATED) || self.is_explained
    }

    /// True if one of them tells of a failure.
    pub(super) fn is_explained(&self) -> bool {
        self.is_explained
    }

    /// What it says of the scope, the texts aside.
    #[inline]
    pub(super) fn facts(&self) -> Facts {
        Facts {
            position: self.position,
            time: self.time,
            role: self.role,
            shared_positions: self.has(SHARED),
            base: self.base,
            starts: self.starts,
            ..Facts::default()
        }
    }

    /// Its texts, which are pieces of the `line`; what is none is missing.
    pub(super) fn texts<'a>(&self, line: &'a [u8]) -> Option<Texts<'a>> {
        let rest = &mut { self.texts };
        let mut texts = Texts::default();
        if self.has(NAMED) {
            texts.name = take_piece(rest, line)?;
        }
        if self.has(LOCATED) {
            for part in &mut texts.origin.0 {
                *part = take_piece(rest, line)?;
            }
        }
        if self.is_explained {
            let length = usize::try_from(take(rest)?).ok()?;
            let text = std::str::from_utf8(rest.get(..length)?).ok()?;
            texts.exception = Some(Cow::Owned(text.into()));
        }
        Some(texts)
    }

    /// The record on `line` in its place, as it would have been read from there.
    pub(super) fn placed<'a>(&self, line: &'a [u8]) -> Option<Placed<'a>> {
        let Texts {
            name,
            origin,
            exception,
        } = self.texts(line)?;
        Some(Placed {
            line: crate::record::trim(line),
            time: self.time,
            level: self.level,
            process: origin.process().ok()?,
            hidden: self.hidden(),
            placement: Placement {
                scope: Scope::Path(Trail::from_bytes(self.path)),
                position: self.position,
                counted: self.counted(),
                shared_positions: self.has(SHARED),
                base: self.base,
                starts: self.starts,
                role: self.role,
                name: name.map(Cow::Borrowed),
                exception,
                ..Placement::default()
            },
            ..Placed::default()
        })
    }
}

/// The outer `None` is a broken note, the inner one a piece that is not there.
#[expect(clippy::option_option, reason = "the two say different things")]
fn take_piece<'a>(note: &mut &[u8], line: &'a [u8]) -> Option<Option<&'a [u8]>> {
    let Some(start) = take(note)?.checked_sub(1) else {
        return Some(None);
    };
    let start = usize::try_from(start).ok()?;
    let length = usize::try_from(take(note)?).ok()?;
    Some(Some(line.get(start..)?.get(..length)?))
}

#[cfg(test)]
mod tests;
