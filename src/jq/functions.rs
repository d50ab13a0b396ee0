//! The functions that a program may use: those of the jaq crates without the ones that
//! would look at the world outside of the record, and a few of our own in their place.

mod regex;

use std::cell::RefCell;

use jaq_core::{
    DataT, Exn, Lut, Native, ValT as _,
    box_iter::box_once,
    data::HasLut,
    load::{self, parse::Def},
    native::{Fun, bome, run, unary, v},
    path::Opt,
};
use jaq_json::{Error, Num, Val};

pub(super) use self::regex::Patterns;
use super::{
    meter::Meter,
    paths::{delete, make, set},
    read::read,
    write::write,
};

/// What programs of ours work on: values of JSON, with a [`Frame`] at hand.
pub(super) struct Kind;

impl DataT for Kind {
    type V<'a> = Val;
    type Data<'a> = &'a Frame<'a>;
}

/// What functions see beside their input, during one record.
pub(super) struct Frame<'a> {
    pub(super) lut: &'a Lut<Kind>,
    pub(super) meter: &'a Meter,
    pub(super) patterns: &'a RefCell<Patterns>,
}

impl<'a> HasLut<'a, Kind> for &'a Frame<'a> {
    fn lut(&self) -> &'a Lut<Kind> {
        self.lut
    }
}

/// Functions of the crates that look at the world outside, or that ours replace.
const DROPPED: &[&str] = &[
    // The world: a clock, the environment, a time zone, standard error, the end.
    "now",
    "env",
    "localtime",
    "strflocaltime",
    "debug",
    "debug_empty",
    "stderr",
    "stderr_empty",
    "halt",
    "halt_error",
    // Bytes, which no JSON can hold.
    "tobytes",
    // Ours keep the spelling, the order of the keys, and the bounds.
    "tojson",
    "fromjson",
    "del",
    "delpaths",
    "setpath",
    "join",
    "ltrimstr",
    "rtrimstr",
    // Ours do with null, objects and what is no number what jq does, or say more.
    "flatten",
    "index",
    "rindex",
    "tonumber",
    "@base64d",
    // Ours remember patterns, and know groups that did not take part.
    "matches",
    "test",
    "split_matches",
    "split_",
    "scan_",
];

/// What is missing on purpose, with what can be done instead.
pub(super) const MISSING: &[(&str, &str)] = &[
    ("input", "each record is seen by itself"),
    ("inputs", "each record is seen by itself"),
    ("input_filename", "each record is seen by itself"),
    ("input_line_number", "each record is seen by itself"),
    ("now", "hand the time in: --jq-argjson now \"$(date +%s)\""),
    ("env", "hand variables in: --jq-arg NAME \"$NAME\""),
    ("$ENV", "hand variables in: --jq-arg NAME \"$NAME\""),
    ("$__loc__", "a program is all that there is"),
    ("localtime", "gmtime does not depend on the machine"),
    ("strflocaltime", "strftime does not depend on the machine"),
    ("debug", "write what you want to see as a result"),
    ("stderr", "write what you want to see as a result"),
    ("halt", "--max-count stops early"),
    ("halt_error", "error rejects the record"),
    ("tobytes", "no JSON can hold bytes"),
];

/// Definitions in the language itself. Ours come where theirs can build on them and they
/// on theirs: between the core and the rest.
pub(super) fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    let parse = |text| load::parse(text, |p| p.defs()).unwrap_or_default();
    let core = jaq_core::defs().filter(|def| !DROPPED.contains(&def.name));
    let rest = jaq_std::defs().chain(jaq_json::defs());
    let rest = rest.filter(|def| !DROPPED.contains(&def.name));
    core.chain(parse(include_str!("functions/below.jq")))
        .chain(rest)
        .chain(parse(include_str!("functions/above.jq")))
}

/// The name that was most likely meant: one slip in a short word, two in a word of six
/// letters or more.
pub(super) fn nearest(word: &str) -> Option<&'static str> {
    let room = if word.len() < 6 { 1 } else { 2 };
    let word: String = word.chars().take(40).collect();
    let defined = definitions().map(|def| def.name);
    let names = defined.chain(natives().map(|(name, ..)| name));
    names
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase() || c == '@'))
        .map(|name| (strsim::osa_distance(&word, name), name))
        .filter(|(slips, _)| *slips <= room)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, name)| name)
}

/// Functions in Rust. A name with an exclamation mark is for the [guard](super::guard) only.
pub(super) fn natives() -> impl Iterator<Item = Fun<Kind>> {
    let theirs = jaq_core::funs::<Kind>()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs());
    theirs
        .filter(|(name, ..)| !DROPPED.contains(name))
        .chain(ours())
}

fn ours() -> impl Iterator<Item = Fun<Kind>> {
    let runs = [
        run::<Kind>(("!add", v(2), |mut cv| {
            let (right, left) = (cv.0.pop_var(), cv.0.pop_var());
            let length = match (&left, &right) {
                (Val::TStr(a), Val::TStr(b)) => a.len() + b.len(),
                (Val::Arr(a), Val::Arr(b)) => (a.len() + b.len()) * size_of::<Val>(),
                _ => 0,
            };
            bome(cv.0.data().meter.grow(length).and_then(|()| left + right))
        })),
        run(("!multiply", v(2), |mut cv| {
            let (right, left) = (cv.0.pop_var(), cv.0.pop_var());
            let length = product_length(&left, &right);
            bome(cv.0.data().meter.grow(length).and_then(|()| left * right))
        })),
        run(("!text", v(0), |cv| {
            let meter = cv.0.data().meter;
            bome(match cv.1 {
                // A text may be put together from itself.
                Val::TStr(text) => meter.grow(text.len()).map(|()| Val::TStr(text)),
                value => to_json(&value, meter),
            })
        })),
        run(("tojson", v(0), |cv| bome(to_json(&cv.1, cv.0.data().meter)))),
        run(("fromjson", v(0), |cv| {
            let value = cv.1.try_as_utf8_bytes_owned();
            bome(value.and_then(|text| {
                read(&text).map_err(|error| Error::str(format_args!("no JSON: {error}")))
            }))
        })),
        run(("delpaths", v(1), |mut cv| {
            let paths = cv.0.pop_var();
            bome(delete(cv.1, paths))
        })),
        run(("setpath", v(2), |mut cv| {
            let (value, path) = (cv.0.pop_var(), cv.0.pop_var());
            bome(set(cv.1, path, value, cv.0.data().meter))
        })),
    ];
    runs.into_iter().chain(paths()).chain(regex::functions())
}

/// Functions that may stand in a path.
fn paths() -> impl Iterator<Item = Fun<Kind>> {
    let native = |(name, args, native): Fun<Kind>, paths, update| {
        (
            name,
            args,
            Native::with_update(Native::with_paths(native, paths), update),
        )
    };
    [
        native(
            run::<Kind>(("!step", v(0), |cv| {
                let counted = cv.0.data().meter.step();
                box_once(counted.map(|()| cv.1).map_err(Exn::from))
            })),
            |cv| {
                let counted = cv.0.data().meter.step();
                box_once(counted.map(|()| cv.1).map_err(Exn::from))
            },
            |cv, update| match cv.0.data().meter.step() {
                Ok(()) => update(cv.1),
                Err(error) => box_once(Err(Exn::from(error))),
            },
        ),
        native(
            run::<Kind>(("!nest", v(0), |cv| {
                bome(cv.0.data().meter.nest(&cv.1).map(|()| cv.1))
            })),
            |cv| {
                let counted = cv.0.data().meter.nest(&cv.1.0);
                box_once(counted.map(|()| cv.1).map_err(Exn::from))
            },
            |cv, update| match cv.0.data().meter.nest(&cv.1) {
                Ok(()) => update(cv.1),
                Err(error) => box_once(Err(Exn::from(error))),
            },
        ),
        native(
            run::<Kind>(("!at", v(1), |cv| {
                unary(cv, |value, index| value.index(&index))
            })),
            |mut cv| {
                let index = cv.0.pop_var();
                let (value, path) = cv.1;
                let found = value.index(&index);
                box_once(
                    found
                        .map(|found| (found, path.cons(index)))
                        .map_err(Exn::from),
                )
            },
            |mut cv, update| {
                let index = cv.0.pop_var();
                let made = make(cv.1, &index, cv.0.data().meter).map_err(Exn::from);
                box_once(made.and_then(|made| made.map_index(&index, Opt::Essential, update)))
            },
        ),
    ]
    .into_iter()
}

fn to_json(value: &Val, meter: &Meter) -> Result<Val, Error> {
    let mut text = Vec::new();
    match write(value, &mut text, meter.length) {
        Ok(()) => Ok(Val::utf8_str(text)),
        Err(reason) => meter
            .grow(text.len())
            .and_then(|()| Err(Error::str(reason))),
    }
}

/// The length of a text that is repeated, and of a product of big integers, which takes
/// more time the longer it is.
fn product_length(left: &Val, right: &Val) -> usize {
    /// Bytes that each bit counts as: integers end at some ten thousand digits.
    const BIT: usize = 256;
    match (left, right) {
        (Val::TStr(text), Val::Num(times)) | (Val::Num(times), Val::TStr(text)) => {
            let mut decimal = Vec::new();
            // As text, since that is what numbers of all kinds can be read from.
            let _ = write(&Val::Num(times.clone()), &mut decimal, 1000);
            let times: f64 = String::from_utf8_lossy(&decimal).parse().unwrap_or(0.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let times = times.ceil().max(0.0) as usize;
            text.len().saturating_mul(times)
        }
        (Val::Num(Num::BigInt(a)), Val::Num(Num::BigInt(b))) => {
            let bits = usize::try_from(a.bits() + b.bits()).unwrap_or(usize::MAX);
            bits.saturating_mul(BIT)
        }
        _ => 0,
    }
}
