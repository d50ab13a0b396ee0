//! What a record says, as exports need it: the canonical fields, and all others by name.

use std::borrow::Cow;

use super::json;
use crate::{
    record::{
        Canonical, Cursor, Found, Instant, Kind, Level, Malformed, Process, Reader, Record,
        Refused, Value, exception_text,
    },
    tree::Boundaries,
};

/// Objects in objects further down than this are one field, as text.
const LEVELS: usize = 8;

/// What a record says.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The record as it came.
    pub(super) line: &'a [u8],
    /// The producer that it was recognised by.
    pub(super) schema: Option<&'static str>,
    pub(super) time: Option<Instant>,
    pub(super) level: Option<Level>,
    pub(super) logger: Option<Cow<'a, str>>,
    pub(super) message: Option<Cow<'a, str>>,
    /// The kind of action or message.
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) service: Option<Cow<'a, str>>,
    pub(super) host: Option<Cow<'a, str>>,
    /// The number of the process.
    pub(super) pid: Option<Cow<'a, str>>,
    pub(super) thread: Option<Cow<'a, str>>,
    pub(super) exception: Option<Cow<'a, str>>,
    /// The id of the request, as the record has it.
    pub(super) tree: Option<Cow<'a, str>>,
    pub(super) node: Option<Cow<'a, str>>,
    /// `start` or `end`, if it begins or ends a scope.
    pub(super) event: Option<Cow<'a, str>>,
    /// All that none of these has told, by dotted names that are different from each other.
    pub(super) fields: Vec<Field<'a>>,
}

/// A field by name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field<'a> {
    pub(super) name: String,
    pub(super) value: Scalar<'a>,
}

/// A value without parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A number that is a finite double, as it is written.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    /// A list, or what is too deep, as JSON that every reader takes.
    Json(String),
}

/// Reads records.
pub struct FactReader {
    reader: Reader,
    boundaries: Boundaries,
    found: Found,
}

impl Default for FactReader {
    fn default() -> Self {
        let mut reader = Reader::default();
        for canonical in Canonical::ALL {
            reader.canonical(canonical);
        }
        Self {
            boundaries: Boundaries::ask(&mut reader),
            reader,
            found: Found::default(),
        }
    }
}

impl FactReader {
    /// What the record on `line` says.
    pub fn read<'a>(&mut self, line: &'a [u8]) -> Result<Facts<'a>, Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        Ok(Facts::of(&record, &self.boundaries))
    }
}

impl<'a> Facts<'a> {
    fn of(record: &Record<'a, '_>, boundaries: &Boundaries) -> Self {
        let text = |canonical| record.text(canonical);
        let is_tree = record.schema() == Some("tree");
        Self {
            line: record.line(),
            schema: record.schema(),
            time: record.time(),
            level: record.level(),
            logger: text(Canonical::Logger),
            message: record.message(),
            kind: text(Canonical::Type),
            service: text(Canonical::Service),
            host: text(Canonical::Host),
            pid: text(Canonical::Process),
            thread: text(Canonical::Thread),
            exception: text(Canonical::Exception).map(exception_text),
            tree: text(Canonical::Tree),
            node: text(Canonical::Node),
            event: text(Canonical::Event).or_else(|| Some(boundaries.event(record)?.into())),
            // Of a tree it would be all that is in it.
            fields: if is_tree { Vec::new() } else { fields(record) },
        }
    }

    /// True if the line is a tree, or says so.
    pub fn is_tree(&self) -> bool {
        self.schema == Some("tree")
    }

    /// True if the record tells a scope as a whole, from start to end.
    pub(super) fn is_span(&self) -> bool {
        matches!(
            self.schema,
            Some("otel-span" | "otlp-span" | "zipkin" | "jaeger" | "xray")
        ) || self.schema == Some("elastic-apm") && self.logger.is_none() && self.node.is_some()
    }

    /// True if the record begins or ends a scope, or tells one.
    pub(super) fn is_boundary(&self) -> bool {
        self.event.is_some() || self.is_span()
    }

    /// The process: `service:pid` or `host:pid`.
    pub(super) fn process(&self) -> Option<Cow<'a, str>> {
        Process {
            place: self.service.clone().or_else(|| self.host.clone()),
            host: self.host.clone(),
            number: self.pid.clone(),
        }
        .name()
    }

    /// A few words for who only sees one line.
    pub(super) fn title(&self) -> &str {
        let words = [&self.message, &self.kind, &self.logger];
        words
            .into_iter()
            .find_map(|words| words.as_deref().filter(|words| !words.is_empty()))
            .unwrap_or("record")
    }
}

/// What records of Python's `logging` say twice.
const PYTHON: [&str; 7] = [
    "asctime",
    "levelname",
    "levelno",
    "msecs",
    "msg",
    "processName",
    "relativeCreated",
];

fn fields<'a>(record: &Record<'a, '_>) -> Vec<Field<'a>> {
    let told = Canonical::ALL.map(|canonical| record.value(canonical).map(|v| v.raw.as_ptr()));
    let mut walk = Walk {
        told: &told,
        is_python: matches!(record.schema(), Some("python" | "distlog")),
        fields: Vec::new(),
    };
    // It was read, so it is a record.
    let _ = Cursor::line(record.line(), |key, cursor| {
        let name = String::from_utf8_lossy(key);
        let value = cursor.value()?;
        walk.top(&name, value);
        Ok::<(), Refused>(())
    });
    unique(walk.fields)
}

/// Members as fields by dotted names.
pub(super) fn flat<'a>(members: impl IntoIterator<Item = (String, Value<'a>)>) -> Vec<Field<'a>> {
    let mut walk = Walk {
        told: &[],
        is_python: false,
        fields: Vec::new(),
    };
    for (name, value) in members {
        walk.member(&name, value, LEVELS);
    }
    walk.fields
}

struct Walk<'t, 'a> {
    /// Where values stand that canonical fields have told.
    told: &'t [Option<*const u8>],
    is_python: bool,
    fields: Vec<Field<'a>>,
}

impl<'a> Walk<'_, 'a> {
    /// A member of the record itself.
    fn top(&mut self, name: &str, value: Value<'a>) {
        let repeats = PYTHON.contains(&name) || value.kind == Kind::Null;
        if self.is_python && repeats {
            return;
        }
        // Attributes are fields of the record: of OpenTelemetry as an object or a list, of
        // Zipkin and Jaeger by another name.
        let are_attributes = matches!(name, "attributes" | "tags");
        match value.kind {
            Kind::Object if are_attributes => self.members("", value, LEVELS),
            Kind::Array if are_attributes && self.pairs(value) => {}
            _ => self.member(name, value, LEVELS),
        }
    }

    fn members(&mut self, prefix: &str, object: Value<'a>, levels: usize) {
        let _ = Cursor::line(object.raw, |key, cursor| {
            let key = String::from_utf8_lossy(key);
            let value = cursor.value()?;
            if prefix.is_empty() {
                self.member(&key, value, levels);
            } else {
                self.member(&format!("{prefix}.{key}"), value, levels);
            }
            Ok::<(), Refused>(())
        });
    }

    fn member(&mut self, name: &str, value: Value<'a>, levels: usize) {
        if self.told.contains(&Some(value.raw.as_ptr())) {
            return;
        }
        if value.kind == Kind::Object && levels > 0 && value.raw.len() > 2 {
            return self.members(name, value, levels - 1);
        }
        self.fields.push(Field {
            name: name.to_owned(),
            value: Scalar::of(value),
        });
    }

    /// The members of a list of objects that have a key and a value each; false if it is another.
    fn pairs(&mut self, list: Value<'a>) -> bool {
        let mut pairs = Vec::new();
        let walked = Cursor::array(list.raw, |cursor| {
            let (mut key, mut value) = (None, None);
            if !cursor.is_object() {
                return cursor.refuse("an object");
            }
            cursor.members(|name, cursor| {
                let inner = cursor.value()?;
                match name {
                    b"key" => key = Some(inner),
                    b"value" => value = Some(inner),
                    _ => {}
                }
                Ok(())
            })?;
            pairs.extend(key.zip(value));
            Ok(())
        });
        if walked.is_err() {
            return false;
        }
        for (key, value) in pairs {
            // OTLP has the type around the value: {"stringValue":"x"}.
            let mut inner = value;
            if value.kind == Kind::Object {
                let _ = Cursor::line(value.raw, |_, cursor| {
                    inner = cursor.value()?;
                    Ok::<(), Refused>(())
                });
            }
            self.member(&key.text(), inner, 0);
        }
        true
    }
}

impl<'a> Scalar<'a> {
    pub(super) fn of(value: Value<'a>) -> Self {
        match value.kind {
            Kind::Null => Self::Null,
            Kind::False => Self::Bool(false),
            Kind::True => Self::Bool(true),
            Kind::Number => {
                let int = value
                    .as_i128()
                    .and_then(|number| i64::try_from(number).ok());
                // `-0` is no integer: its sign would be lost.
                match (int.filter(|_| value.raw != b"-0"), json::finite(value)) {
                    (Some(int), _) => Self::Int(int),
                    (None, Some(number)) => Self::Number(number.into()),
                    (None, None) => Self::Text(value.text()),
                }
            }
            Kind::Plain | Kind::Escaped => Self::Text(value.text()),
            Kind::Array | Kind::Object => {
                let mut out = Vec::new();
                json::value(&mut out, value);
                Self::Json(String::from_utf8_lossy(&out).into_owned())
            }
        }
    }

    /// The value as text.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Null => "null".into(),
            Self::Bool(value) => if *value { "true" } else { "false" }.into(),
            Self::Int(value) => value.to_string().into(),
            Self::Number(value) | Self::Text(value) => value.as_ref().into(),
            Self::Json(value) => value.as_str().into(),
        }
    }

    /// Appends the value as JSON; a list is one.
    pub(super) fn json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(value) => json::text(out, value),
            other => out.extend_from_slice(other.text().as_bytes()),
        }
    }
}

/// Gives each field a name of its own: what comes again with another value gets a number.
pub(super) fn unique(fields: Vec<Field<'_>>) -> Vec<Field<'_>> {
    use std::collections::{HashMap, HashSet};
    // Most records have no name twice, which is found out without a copy of any.
    {
        let mut seen = HashSet::with_capacity(fields.len());
        if fields.iter().all(|field| seen.insert(field.name.as_str())) {
            return fields;
        }
    }
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Field<'_>> = Vec::with_capacity(fields.len());
    let mut next: HashMap<String, usize> = HashMap::new();
    for mut field in fields {
        if let Some(&known) = at.get(&field.name) {
            if kept[known].value == field.value {
                continue;
            }
            let number = next.entry(field.name.clone()).or_insert(2);
            let mut name = format!("{}.{number}", field.name);
            while at.contains_key(&name) {
                *number += 1;
                name = format!("{}.{number}", field.name);
            }
            *number += 1;
            field.name = name;
        }
        at.insert(field.name.clone(), kept.len());
        kept.push(field);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(line: &str) -> Vec<String> {
        let facts = FactReader::default().read(line.as_bytes()).map(|facts| {
            let field = |field: &Field<'_>| format!("{}={}", field.name, field.value.text());
            facts.fields.iter().map(field).collect()
        });
        facts.expect("a record")
    }

    #[test]
    fn what_canonical_fields_tell_is_no_field() {
        let check = |line: &str, expect: &[&str]| assert_eq!(named(line), expect, "{line}");
        check(
            r#"{"time":1,"level":"info","message":"m","a":{"b":[1,NaN],"c":{}},"d":null}"#,
            &[r#"a.b=[1,"NaN"]"#, "a.c={}", "d=null"],
        );
        check(
            r#"{"levelno":20,"levelname":"INFO","created":1.5,"args":null,"name":"n","message":"m","context":{"key":"0@a/1","job":7}}"#,
            &["context.job=7"],
        );
        // What cannot be read tells nothing.
        check(
            r#"{"time":"12/Nov","level":"odd","ts":"2026-11-20T12:00:00Z","elapsed":"soon"}"#,
            &["time=12/Nov", "level=odd", "elapsed=soon"],
        );
        check(r#"{"a":1,"a":1,"a":2,"a":3}"#, &["a=1", "a.2=2", "a.3=3"]);
        check(
            r#"{"traceId":"aa","spanId":"bb","startTimeUnixNano":"1","attributes":[{"key":"k","value":{"intValue":"7"}}]}"#,
            &["k=7"],
        );
    }
}
