//! Documents that hold many records become one record each: OTLP/JSON, what Jaeger's UI
//! exports, lists such as Zipkin's, and the subsegments nested in X-Ray's segments.
//!
//! A record is made of what stands in the document: members are copied byte for byte but for
//! OTLP's attributes, which become objects, and what they have from around them is put in front.
//! Whose document it is not, or is not well-formed, is left alone.

mod attributes;

use std::ops::Range;

use self::attributes::with_attributes;
use crate::record::{Cursor, Kind, Malformed, Refused, Value, trim};

/// The records of a document, in one block.
#[derive(Debug, Default)]
pub struct Exploded {
    bytes: Vec<u8>,
    records: Vec<Range<usize>>,
    /// How many bytes may still be taken from around records.
    around: usize,
    /// How many there may be in all, if that does not depend on the document.
    limit: Option<usize>,
    /// Some records have less from around them than they should.
    short: bool,
}

/// Deeper subsegments stay inside the one above.
const MOST_LEVELS: usize = 100;
/// What many records have from around them is copied for each, as long as the copies together
/// are no longer than this many times the document. Beyond it only names are copied.
const MOST_AROUND: usize = 16;

/// Fields of which a document that is an object has at least one.
pub const DOCUMENTS: [&str; 5] = [
    "resourceSpans",
    "resourceLogs",
    "subsegments",
    "data[0].spans",
    "data[0].traceID",
];

/// Attributes of a resource that say which process it is.
const NAMES: [&[u8]; 3] = [b"service.name", b"host.name", b"process.pid"];

/// A member of an object, its key without escapes.
type Member<'a> = (Vec<u8>, Value<'a>);

/// A member that is put in front of others: its key, and its value as JSON.
type Given = (&'static [u8], Vec<u8>);

impl Exploded {
    /// One that takes at most `around` bytes of what is around records for all of them together.
    pub fn bounded(around: usize) -> Self {
        Self {
            limit: Some(around),
            ..Self::default()
        }
    }

    /// Whether only names were copied for some records of the last document, because there was
    /// too much around them.
    pub fn is_short(&self) -> bool {
        self.short
    }

    /// Takes a document apart; false if it is none.
    pub fn read(&mut self, line: &[u8]) -> bool {
        self.bytes.clear();
        self.records.clear();
        let line = trim(line);
        let most = line.len().saturating_mul(MOST_AROUND);
        self.around = self.limit.unwrap_or(most);
        self.short = false;
        let taken = match line.first() {
            Some(b'[') => self.list(line),
            Some(b'{') => self.object(line),
            _ => Ok(()),
        };
        if taken.is_err() {
            self.records.clear();
        }
        !self.records.is_empty()
    }

    /// The bytes of all records.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where in them each record stands.
    pub fn records(&self) -> &[Range<usize>] {
        &self.records
    }

    /// A list of objects, and of nothing else.
    fn list(&mut self, line: &[u8]) -> Result<(), Malformed> {
        Cursor::array(line, |cursor| {
            if !cursor.is_object() {
                return cursor.refuse("an object");
            }
            let value = cursor.value()?;
            self.begin();
            self.rest(value.raw);
            Ok(())
        })
    }

    fn object(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let members = members(line)?;
        if find(&members, b"subsegments").is_some() {
            return self.segment(line);
        }
        for (key, value) in &members {
            match key.as_slice() {
                b"resourceSpans" => self.resources(*value, b"scopeSpans", b"spans")?,
                b"resourceLogs" => self.resources(*value, b"scopeLogs", b"logRecords")?,
                b"data" => self.traces(*value)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// OTLP: records below scopes below resources.
    fn resources(
        &mut self,
        list: Value<'_>,
        scopes: &[u8],
        records: &[u8],
    ) -> Result<(), Malformed> {
        for resource in objects(list)? {
            let members = members(resource.raw)?;
            let around = find(&members, b"resource");
            let names = match around {
                Some(resource) => names(resource)?,
                None => Vec::new(),
            };
            let around = around.map(plain).transpose()?;
            for scope in objects_of(&members, scopes)? {
                let members = self::members(scope.raw)?;
                let scope = find(&members, b"scope").map(plain).transpose()?;
                for record in objects_of(&members, records)? {
                    self.begin();
                    for (name, value) in &names {
                        self.member(name, value);
                    }
                    for (name, value) in [(&b"resource"[..], &around), (b"scope", &scope)] {
                        if let Some(value) = value {
                            self.around(name, value);
                        }
                    }
                    self.rest(&with_attributes(record.raw)?);
                }
            }
        }
        Ok(())
    }

    /// Jaeger's UI: spans of traces, which name their process by a key.
    fn traces(&mut self, list: Value<'_>) -> Result<(), Malformed> {
        for trace in objects(list)? {
            let members = members(trace.raw)?;
            let processes = match find(&members, b"processes") {
                Some(processes) if processes.kind == Kind::Object => self::members(processes.raw)?,
                _ => Vec::new(),
            };
            for span in objects_of(&members, b"spans")? {
                let own = self::members(span.raw)?;
                self.begin();
                let process = find(&own, b"processID")
                    .filter(|_| find(&own, b"process").is_none())
                    .and_then(|id| find(&processes, id.text().as_bytes()));
                if let Some(process) = process {
                    self.around(b"process", process.raw);
                }
                self.rest(span.raw);
            }
        }
        Ok(())
    }

    /// X-Ray: a segment without its subsegments, and each of these with the ids that it has
    /// from its place.
    fn segment(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let own = members(line)?;
        let Some(trace) = find(&own, b"trace_id").filter(|trace| trace.is_string()) else {
            return Ok(());
        };
        if find(&own, b"start_time").is_none() || find(&own, b"id").is_none() {
            return Ok(());
        }
        let service = find(&own, b"name");
        let mut left = vec![(line, None, 0)];
        while let Some((segment, parent, level)) = left.pop() {
            let own = members(segment)?;
            self.begin();
            if let Some(parent) = parent {
                let given = |key: &[u8]| find(&own, key).is_some();
                for (name, value) in [
                    (&b"trace_id"[..], Some(trace)),
                    (b"parent_id", Some(parent)),
                    (b"service.name", service),
                ] {
                    if let Some(value) = value.filter(|_| !given(name)) {
                        self.member(name, &quoted(value));
                    }
                }
            }
            let below = find(&own, b"subsegments").filter(|list| list.kind == Kind::Array);
            let below = below.filter(|_| level < MOST_LEVELS);
            let id = find(&own, b"id");
            let Some((below, id)) = below.zip(id) else {
                self.rest(segment);
                continue;
            };
            for (key, value) in own.iter().filter(|(key, _)| key != b"subsegments") {
                self.member(key, &quoted(*value));
            }
            self.bytes.pop();
            self.bytes.push(b'}');
            self.end();
            let below = objects(below)?;
            // The last is taken first.
            left.extend(
                below
                    .iter()
                    .rev()
                    .map(|below| (below.raw, Some(id), level + 1)),
            );
        }
        Ok(())
    }

    fn begin(&mut self) {
        let start = self.bytes.len();
        self.records.push(start..start);
        self.bytes.push(b'{');
    }

    fn end(&mut self) {
        let end = self.bytes.len();
        if let Some(record) = self.records.last_mut() {
            record.end = end;
        }
        self.bytes.push(b'\n');
    }

    fn member(&mut self, key: &[u8], value: &[u8]) {
        self.bytes.push(b'"');
        for &byte in key {
            match byte {
                b'"' | b'\\' => self.bytes.extend_from_slice(&[b'\\', byte]),
                0..0x20 => self.bytes.extend(format!("\\u{byte:04x}").bytes()),
                _ => self.bytes.push(byte),
            }
        }
        self.bytes.extend_from_slice(b"\":");
        self.bytes.extend_from_slice(value);
        self.bytes.push(b',');
    }

    /// A member that all records around have, if there is room for another copy.
    fn around(&mut self, key: &[u8], value: &[u8]) {
        match self.around.checked_sub(value.len()) {
            Some(left) => {
                self.around = left;
                self.member(key, value);
            }
            None => self.short = true,
        }
    }

    /// The members of an object, as they stand, and the end of the record.
    fn rest(&mut self, object: &[u8]) {
        let inner = object[1..].trim_ascii_start();
        if inner == b"}" && self.bytes.ends_with(b",") {
            self.bytes.pop();
        }
        self.bytes.extend_from_slice(inner);
        self.end();
    }
}

/// The attributes of a resource that say which process it is, as JSON.
fn names(resource: Value<'_>) -> Result<Vec<Given>, Malformed> {
    let mut names = Vec::new();
    if resource.kind != Kind::Object {
        return Ok(names);
    }
    for attribute in objects_of(&members(resource.raw)?, b"attributes")? {
        let attribute = members(attribute.raw)?;
        let key = find(&attribute, b"key").map(Value::text);
        let known = NAMES
            .into_iter()
            .find(|name| key.as_ref().is_some_and(|key| key.as_bytes() == *name));
        let value = find(&attribute, b"value").filter(|value| value.kind == Kind::Object);
        if let Some((known, value)) = known.zip(value)
            && let Some((_, value)) = members(value.raw)?.first()
        {
            names.push((known, quoted(*value)));
        }
    }
    Ok(names)
}

/// A resource or a scope as JSON, with its attributes as an object.
fn plain(around: Value<'_>) -> Result<Vec<u8>, Malformed> {
    match around.kind {
        Kind::Object => with_attributes(around.raw),
        _ => Ok(quoted(around)),
    }
}

/// A value as it stands in JSON.
fn quoted(value: Value<'_>) -> Vec<u8> {
    if value.is_string() {
        [b"\"", value.raw, b"\""].concat()
    } else {
        value.raw.to_vec()
    }
}

fn members(object: &[u8]) -> Result<Vec<Member<'_>>, Malformed> {
    let mut members = Vec::new();
    Cursor::line(object, |key, cursor| {
        members.push((key.to_vec(), cursor.value()?));
        Ok::<(), Refused>(())
    })?;
    Ok(members)
}

/// The last member of that name that is not null.
fn find<'a>(members: &[Member<'a>], key: &[u8]) -> Option<Value<'a>> {
    let named = members.iter().rev().filter(|(name, _)| name == key);
    named
        .map(|(_, value)| *value)
        .find(|value| value.kind != Kind::Null)
}

/// The objects of a list.
fn objects(list: Value<'_>) -> Result<Vec<Value<'_>>, Malformed> {
    let mut objects = Vec::new();
    if list.kind == Kind::Array {
        Cursor::array(list.raw, |cursor| {
            objects.push(cursor.value()?);
            Ok(())
        })?;
    }
    objects.retain(|value| value.kind == Kind::Object);
    Ok(objects)
}

fn objects_of<'a>(members: &[Member<'a>], key: &[u8]) -> Result<Vec<Value<'a>>, Malformed> {
    find(members, key).map_or(Ok(Vec::new()), objects)
}

#[cfg(test)]
mod tests;
