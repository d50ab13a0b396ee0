//! A record as a line: time, level, tree, process, logger, message, fields.
//!
//! What a record's schema knows goes into its column; every other field follows as
//! `key=value`, except the bookkeeping that all records of a producer repeat.

use std::borrow::Cow;

use super::{style::Style, text::sanitize};
use crate::record::{
    Canonical, Cursor, Found, Instant, Kind, Level, Malformed, Reader, Record, Refused, Value,
    exception_lines,
};

/// Shows records as lines.
pub struct LineView {
    style: Style,
    reader: Reader,
    found: Found,
}

/// The canonical fields that have a column.
const COLUMNS: [Canonical; 9] = [
    Canonical::Time,
    Canonical::Level,
    Canonical::Tree,
    Canonical::Service,
    Canonical::Host,
    Canonical::Process,
    Canonical::Logger,
    Canonical::Message,
    Canonical::Exception,
];

/// What every record of these schemas carries and nobody wants on each line.
fn bookkeeping(schema: Option<&str>) -> &'static [&'static str] {
    match schema {
        Some("python" | "distlog") => &[
            "args",
            "asctime",
            "context",
            "created",
            "dl",
            "exc_info",
            "exc_text",
            "filename",
            "funcName",
            "hostname",
            "levelname",
            "levelno",
            "lineno",
            "message",
            "module",
            "msecs",
            "msg",
            "name",
            "pathname",
            "process",
            "processName",
            "record_id",
            "relativeCreated",
            "service",
            "stack_info",
            "taskName",
            "thread",
            "threadName",
        ],
        Some("pino" | "bunyan") => &["v", "hostname"],
        _ => &["dl"],
    }
}

impl LineView {
    /// A view in that style.
    pub fn new(style: Style) -> Self {
        let mut reader = Reader::default();
        for canonical in COLUMNS {
            reader.canonical(canonical);
        }
        Self {
            style,
            reader,
            found: Found::default(),
        }
    }

    /// Appends the record on `line`, with its newline. False if it is a tree, which this
    /// view does not show.
    pub fn show(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<bool, Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        if record.schema() == Some("tree") {
            return Ok(false);
        }
        whole(&self.style, &record, out)?;
        Ok(true)
    }

    /// Appends the record on `line`, whatever it is.
    pub fn show_any(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        whole(&self.style, &record, out)
    }

    /// Appends a record of a tree, whose time and process the tree tells well enough.
    pub(super) fn show_inside(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        level(&self.style, &record, out);
        what(&self.style, &record, out)
    }
}

/// Appends all columns.
fn whole(style: &Style, record: &Record<'_, '_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
    style.paint(out, style.palette.dim, &time(record.time()));
    out.push(b' ');
    level(style, record, out);
    for (text, paint) in [
        (tree(record), style.palette.dim),
        (record.process().map(Cow::into_owned), style.palette.name),
    ] {
        if let Some(text) = text {
            out.push(b' ');
            style.paint(out, paint, &sanitize(&text));
        }
    }
    what(style, record, out)
}

fn level(style: &Style, record: &Record<'_, '_>, out: &mut Vec<u8>) {
    let level = record.level();
    let name = level.map_or("-", Level::name).to_uppercase();
    style.paint(out, style.palette.level(level), &format!("{name:8}"));
}

/// Appends logger, message, fields and traceback, with the newline.
fn what(style: &Style, record: &Record<'_, '_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
    if let Some(logger) = record.text(Canonical::Logger) {
        out.push(b' ');
        style.paint(out, style.palette.key, &sanitize(&logger));
    }
    let message = record.text(Canonical::Message).unwrap_or_default();
    let mut lines = message.lines();
    out.push(b' ');
    style.paint(
        out,
        style.palette.strong,
        &sanitize(lines.next().unwrap_or_default()),
    );
    fields(style, record, out)?;
    out.push(b'\n');
    for line in lines {
        continued(style, line, out);
    }
    if let Some(exception) = record.text(Canonical::Exception) {
        for line in exception_lines(&exception) {
            continued(style, line, out);
        }
    }
    Ok(())
}

/// Appends a further line of a message or traceback.
fn continued(style: &Style, line: &str, out: &mut Vec<u8>) {
    if !line.trim().is_empty() {
        out.extend_from_slice(b"    ");
        style.paint(out, style.palette.dim, &sanitize(line));
        out.push(b'\n');
    }
}

/// `2026-11-20 12:25:40.393`, or as many blanks.
pub(super) fn time(instant: Option<Instant>) -> Cow<'static, str> {
    match instant {
        Some(instant) => instant.format(' ', 3).into(),
        None => "                      -".into(),
    }
}

/// The first eight characters of the tree's id: enough to tell neighbours apart.
fn tree(record: &Record<'_, '_>) -> Option<String> {
    Some(record.text(Canonical::Tree)?.chars().take(8).collect())
}

/// Appends all fields that no column has shown.
fn fields(style: &Style, record: &Record<'_, '_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let shown = COLUMNS.map(|canonical| record.value(canonical).map(|value| value.raw.as_ptr()));
    let hidden = bookkeeping(record.schema());
    Cursor::line(record.line(), |key, cursor| {
        if UNWRAPPED.iter().any(|(name, _)| name.as_bytes() == key) && cursor.is_object() {
            return unwrapped(style, key, cursor, out);
        }
        let value = cursor.value()?;
        // A value in a column is the same slice of the same line.
        if !shown.contains(&Some(value.raw.as_ptr()))
            && !hidden.iter().any(|name| name.as_bytes() == key)
        {
            field(style, key, value, out);
        }
        Ok(())
    })
}

/// Says whether a member is shown, by its key.
type IsShown = fn(&[u8]) -> bool;

/// Objects whose members are shown as fields of the record: those that may be, or all but
/// the correlation key.
const UNWRAPPED: [(&str, IsShown); 2] = [
    ("context", |key| key != b"key"),
    ("dl", |key| {
        matches!(
            key,
            b"event" | b"status" | b"duration"
            // What dl-filter took away, or changed.
            | b"records" | b"repeats" | b"throttled" | b"sample" | b"redacted"
        )
    }),
];

fn unwrapped(
    style: &Style,
    object: &[u8],
    cursor: Cursor<'_, '_>,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let wanted = UNWRAPPED
        .iter()
        .find(|(name, _)| name.as_bytes() == object)
        .map(|(_, wanted)| wanted);
    cursor.members(|key, cursor| {
        let value = cursor.value()?;
        if wanted.is_some_and(|wanted| wanted(key)) {
            field(style, key, value, out);
        }
        Ok(())
    })
}

fn field(style: &Style, key: &[u8], value: Value<'_>, out: &mut Vec<u8>) {
    out.push(b' ');
    style.paint(
        out,
        style.palette.key,
        &sanitize(&String::from_utf8_lossy(key)),
    );
    out.push(b'=');
    out.extend_from_slice(sanitize(&shorthand(value)).as_bytes());
}

/// A value as short as it can be without doubt: plain words without quotes.
fn shorthand(value: Value<'_>) -> Cow<'_, str> {
    let bare = |b: &u8| !matches!(b, b' ' | b'"' | b'=' | b'{' | b'}' | b'[' | b']' | b',');
    match value.kind {
        Kind::Plain if !value.raw.is_empty() && value.raw.iter().all(bare) => value.text(),
        Kind::Plain | Kind::Escaped => format!("\"{}\"", String::from_utf8_lossy(value.raw)).into(),
        _ => value.text(),
    }
}
