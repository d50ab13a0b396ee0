//! Classes whose objects have a natural form in JSON.
//!
//! Each arm looks at how the class pickles itself (its `__reduce__` in `CPython`'s Lib, all
//! versions from 2.7) and leaves what does not look like that to the general form, so that
//! nothing is lost or guessed. Times are in `calendar.rs`. The work for one object is bounded
//! by a constant or by what it writes: a memo bomb may ask for it again and again.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{
    arena::{Chain, Cursor, Object, Shape},
    calendar,
    names::Name,
    octets,
    value::Value,
    view::View,
};

/// How an object is to be written.
pub(super) enum Form<'a> {
    /// A JSON string of this text, still to be escaped.
    Text(String),
    /// This JSON text as it is.
    Json(String),
    /// A JSON string made of these pieces of text.
    Path(Path<'a>),
    /// The mark for bytes.
    Bytes(Vec<u8>),
    /// The elements as an array.
    Array(Cursor),
    /// The keys and values as an object.
    Map(Cursor),
    /// What this list or dict is.
    Same(Value),
    /// Class, arguments and state; one argument may have a better form than the object's own.
    General,
    /// The same, but with this text in place of the first argument.
    Instead(String),
}

/// The parts of a path, and how they are joined.
pub(super) struct Path<'a> {
    pub parts: Cursor,
    pub separator: &'a [u8],
}

/// Finds the form of an object whose class has that name.
pub(super) fn form<'a>(view: View<'a>, object: &Object, items: Chain, name: &Name<'_>) -> Form<'a> {
    let bare = object.kwargs.is_none() && object.entries.is_empty() && items.is_empty();
    let calm = bare && object.state.is_none();
    let args = view.node(object.args).items;
    let found = match (name.module, &*name.name) {
        (b"datetime", class) if calm => calendar::form(view, args, class),
        (b"decimal", b"Decimal") if calm => one_text(view, args),
        (b"ipaddress", class) if calm => address(view, args, class),
        (b"fractions", b"Fraction") if calm => {
            fraction(view, args).or_else(|| one_text(view, args))
        }
        (b"uuid", b"UUID") if bare && args.is_empty() => uuid(view, object.state),
        (b"pathlib" | b"pathlib._local", class) if calm => path(view, args, class),
        (b"builtins", b"bytes" | b"bytearray") | (b"_codecs", b"encode") if calm => {
            octets::call(view, args).map(Form::Bytes)
        }
        (b"builtins", b"set" | b"frozenset") if calm => whole(view, args, is_list),
        (b"collections", b"Counter") if calm => whole(view, args, is_dict),
        (b"collections", b"OrderedDict") if args.is_empty() && object.state.is_none() => {
            Some(Form::Map(object.entries.cursor()))
        }
        (b"collections", b"defaultdict") if object.state.is_none() => {
            // The only argument is the factory, which is no data.
            Some(Form::Map(object.entries.cursor()))
        }
        (b"collections", b"deque") if object.state.is_none() => Some(deque(view, args, items)),
        (b"logging", b"LogRecord") => object.state.and_then(|state| same(view, state, is_dict)),
        _ => None,
    };
    found.unwrap_or(Form::General)
}

/// Whether a state is that of a log record, of whatever class: programs derive their own from
/// `logging.LogRecord`. Reads no more than the forty keys that a record with extras has.
pub(super) fn is_log_record(view: View<'_>, state: Value) -> bool {
    let Some(pairs) = view.items(state, is_dict) else {
        return false;
    };
    let mut cursor = pairs.cursor();
    let (mut level, mut created) = (false, false);
    for _ in 0..40 {
        let (Some(key), Some(_)) = (view.next(&mut cursor), view.next(&mut cursor)) else {
            break;
        };
        if let Value::Text(key) | Value::OldText(key) = key {
            level |= view.bytes(key) == b"levelno";
            created |= view.bytes(key) == b"created";
        }
    }
    level && created
}

fn is_list(shape: &Shape) -> bool {
    matches!(shape, Shape::List)
}

fn is_dict(shape: &Shape) -> bool {
    matches!(shape, Shape::Dict)
}

/// The value itself, if it is a plain container. Never another object: a chain of objects that
/// each stand for the next would take time without writing anything.
fn same<'a>(view: View<'_>, value: Value, shape: fn(&Shape) -> bool) -> Option<Form<'a>> {
    view.items(value, shape).map(|_| Form::Same(value))
}

/// A container class called with the plain container of what it holds, or with nothing.
fn whole<'a>(view: View<'_>, args: Chain, shape: fn(&Shape) -> bool) -> Option<Form<'a>> {
    if args.is_empty() {
        let empty = if shape(&Shape::List) { "[]" } else { "{}" };
        return Some(Form::Json(empty.to_owned()));
    }
    let [value] = view.exactly(args)?;
    same(view, value, shape)
}

/// `deque((), maxlen)` and its items, or `deque([…], maxlen)` from Python 2.
fn deque<'a>(view: View<'_>, args: Chain, items: Chain) -> Form<'a> {
    let first = view.next(&mut args.cursor());
    let first = first.filter(|_| items.is_empty());
    let list = first.and_then(|first| same(view, first, is_list));
    list.unwrap_or(Form::Array(items.cursor()))
}

/// A class called with the text of its value.
fn one_text<'a>(view: View<'_>, args: Chain) -> Option<Form<'a>> {
    let [Value::Text(text) | Value::OldText(text)] = view.exactly(args)? else {
        return None;
    };
    let text = std::str::from_utf8(view.bytes(text)).ok()?;
    Some(Form::Text(text.to_owned()))
}

/// An address class called with its number, a network class called with its text.
fn address<'a>(view: View<'_>, args: Chain, class: &[u8]) -> Option<Form<'a>> {
    let [first] = view.exactly(args)?;
    let (Value::Int(_) | Value::Digits(_)) = first else {
        return one_text(view, args);
    };
    let digits = decimal(view, first)?;
    Some(Form::Text(match class {
        b"IPv4Address" => Ipv4Addr::from_bits(digits.parse().ok()?).to_string(),
        b"IPv6Address" => Ipv6Addr::from_bits(digits.parse().ok()?).to_string(),
        _ => return None,
    }))
}

/// `Fraction(1, 3)`; before Python 3.12 only inside, since then also when pickled: both numbers.
fn fraction<'a>(view: View<'_>, args: Chain) -> Option<Form<'a>> {
    let [top, bottom] = view.exactly(args)?;
    let (top, bottom) = (decimal(view, top)?, decimal(view, bottom)?);
    Some(Form::Text(format!("{top}/{bottom}")))
}

/// The digits of an integer.
fn decimal(view: View<'_>, value: Value) -> Option<String> {
    match value {
        Value::Int(n) => Some(n.to_string()),
        Value::Digits(digits) => String::from_utf8(view.bytes(digits).to_vec()).ok(),
        _ => None,
    }
}

/// `{'int': n}`, and `is_safe` behind it where the platform says so.
fn uuid<'a>(view: View<'_>, state: Option<Value>) -> Option<Form<'a>> {
    let mut cursor = view.items(state?, is_dict)?.cursor();
    let (Value::Text(key) | Value::OldText(key)) = view.next(&mut cursor)? else {
        return None;
    };
    if view.bytes(key) != b"int" {
        return None;
    }
    let n = match view.next(&mut cursor)? {
        Value::Int(n) => u128::try_from(n).ok()?,
        Value::Digits(span) => std::str::from_utf8(view.bytes(span)).ok()?.parse().ok()?,
        _ => return None,
    };
    let mut text = format!("{n:032x}");
    // From the right, so that the positions to the left stay.
    for position in [20, 16, 12, 8] {
        text.insert(position, '-');
    }
    Some(Form::Text(text))
}

/// A path class called with its parts.
fn path<'a>(view: View<'a>, args: Chain, class: &[u8]) -> Option<Form<'a>> {
    let separator: &[u8] = match class {
        b"PosixPath" | b"PurePosixPath" | b"Path" | b"PurePath" => b"/",
        b"WindowsPath" | b"PureWindowsPath" => b"\\",
        _ => return None,
    };
    let mut cursor = args.cursor();
    while let Some(part) = view.next(&mut cursor) {
        // An empty part would cost time and write nothing; real paths have none.
        match part {
            Value::Text(part) | Value::OldText(part) if part.len() > 0 => {}
            _ => return None,
        }
    }
    let parts = args.cursor();
    Some(Form::Path(Path { parts, separator }))
}
