//! Notes: what the first look at a record found out about its place, in some twenty bytes,
//! so that no second one is needed. Most records can be noted: their scopes are paths of
//! numbers, and what a note has of their text are pieces of the line.

use std::borrow::Cow;

use super::{
    model::Status,
    placed::Placed,
    scheme::{Parent, Part, Placement, Role, Scope, Starts},
    varint::{put, take},
};
use crate::record::{Instant, Process};

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

/// Appends the note of a placed record, or nothing if it cannot be noted. `scheme` is the one
/// that has placed it; the pieces of text are counted from the start of `line`.
pub(super) fn write(placed: &Placed<'_>, scheme: u8, line: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    if encode(placed, scheme, line, out).is_none() {
        out.truncate(start);
    }
}

fn encode(placed: &Placed<'_>, scheme: u8, line: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let Placement {
        scope: Scope::Path(path),
        parent: Parent::Unsaid,
        instance: None,
        side: None,
        exception: None,
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
    } = &placed.placement
    else {
        return None;
    };
    let Process {
        place,
        number,
        host,
    } = &placed.process;
    let located = *role != Role::Detail;
    let [has_process, has_host] = placed.hidden;
    let bits = [
        (*counted, COUNTED),
        (*shared_positions, SHARED),
        (base.is_some(), BASED),
        (placed.time.is_some(), TIMED),
        (name.is_some(), NAMED),
        (located, LOCATED),
        (has_process, HAS_PROCESS),
        (has_host, HAS_HOST),
    ];
    let bits = bits.iter().map(|&(holds, bit)| u8::from(holds) * bit);
    let place_in = |list: &[Role]| list.iter().position(|known| known == role);
    let role = u8::try_from(place_in(&ROLES)?).ok()?;
    let starts = u8::try_from(STARTS.iter().position(|known| known == starts)?).ok()?;
    out.extend_from_slice(&[scheme, bits.sum(), role | starts << 4]);
    put(out, *position);
    if let Some(base) = base {
        put(out, *base);
    }
    put(out, path.len() as u64);
    for part in path {
        let Part::Number(number) = part else {
            return None;
        };
        put(out, *number);
    }
    if let Some(Instant(nanos)) = placed.time {
        out.extend_from_slice(&nanos.to_le_bytes());
    }
    if let Some(name) = name {
        put_piece(out, line, Some(name))?;
    }
    if located {
        for piece in [place, number, host] {
            put_piece(out, line, piece.as_ref())?;
        }
    }
    Some(())
}

/// Notes a piece of the line by where it begins, from 1, and its length; 0 is none.
fn put_piece(out: &mut Vec<u8>, line: &[u8], piece: Option<&Cow<'_, str>>) -> Option<()> {
    let Some(piece) = piece else {
        put(out, 0);
        return Some(());
    };
    let Cow::Borrowed(text) = piece else {
        return None;
    };
    let start = (text.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
    if start + text.len() > line.len() {
        return None;
    }
    put(out, start as u64 + 1);
    put(out, text.len() as u64);
    Some(())
}

/// What a note says.
pub(super) struct Noted<'a> {
    pub(super) scheme: u8,
    pub(super) placed: Placed<'a>,
}

/// Reads the note of the record on `line`.
pub(super) fn read<'a>(mut note: &[u8], line: &'a [u8]) -> Option<Noted<'a>> {
    let note = &mut note;
    let (&[scheme, bits, kind], rest) = note.split_first_chunk::<3>()?;
    *note = rest;
    let has = |bit: u8| bits & bit != 0;
    let position = take(note)?;
    let base = if has(BASED) { Some(take(note)?) } else { None };
    let length = usize::try_from(take(note)?).ok()?;
    let mut path = Vec::with_capacity(length.min(super::scheme::MAX_DEPTH));
    for _ in 0..length {
        path.push(Part::Number(take(note)?));
    }
    let time = if has(TIMED) {
        let (nanos, rest) = note.split_first_chunk()?;
        *note = rest;
        Some(Instant(i64::from_le_bytes(*nanos)))
    } else {
        None
    };
    let name = if has(NAMED) {
        take_piece(note, line)?
    } else {
        None
    };
    let mut process = Process::default();
    if has(LOCATED) {
        process.place = take_piece(note, line)?;
        process.number = take_piece(note, line)?;
        process.host = take_piece(note, line)?;
    }
    Some(Noted {
        scheme,
        placed: Placed {
            line: crate::record::trim(line),
            time,
            process,
            hidden: [has(HAS_PROCESS), has(HAS_HOST)],
            placement: Placement {
                scope: Scope::Path(path),
                position,
                counted: has(COUNTED),
                shared_positions: has(SHARED),
                base,
                starts: *STARTS.get(usize::from(kind >> 4))?,
                role: *ROLES.get(usize::from(kind & 0xF))?,
                name,
                ..Placement::default()
            },
            ..Placed::default()
        },
    })
}

/// The outer `None` is a broken note, the inner one a piece that is not there.
#[expect(clippy::option_option, reason = "the two say different things")]
fn take_piece<'a>(note: &mut &[u8], line: &'a [u8]) -> Option<Option<Cow<'a, str>>> {
    let Some(start) = take(note)?.checked_sub(1) else {
        return Some(None);
    };
    let start = usize::try_from(start).ok()?;
    let length = usize::try_from(take(note)?).ok()?;
    let text = line.get(start..)?.get(..length)?;
    Some(Some(Cow::Borrowed(std::str::from_utf8(text).ok()?)))
}
