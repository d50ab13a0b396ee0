//! What Jaeger's UI reads, with nothing in it that it does not know.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Export {
    data: Vec<Trace>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trace {
    #[serde(rename = "traceID")]
    id: String,
    spans: Vec<Span>,
    processes: BTreeMap<String, Process>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Process {
    service_name: String,
    tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Span {
    #[serde(rename = "traceID")]
    trace: String,
    #[serde(rename = "spanID")]
    id: String,
    flags: u8,
    operation_name: String,
    references: Vec<Reference>,
    start_time: u64,
    duration: u64,
    tags: Vec<Tag>,
    logs: Vec<Log>,
    #[serde(rename = "processID")]
    process: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Reference {
    ref_type: String,
    #[serde(rename = "traceID")]
    trace: String,
    #[serde(rename = "spanID")]
    span: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    timestamp: u64,
    fields: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tag {
    key: String,
    r#type: String,
    value: Value,
}

pub(in super::super) fn jaeger(out: &[u8]) -> Result<(), String> {
    crate::fmt::harm_of_json(out)?;
    let export: Export = serde_json::from_slice(out).map_err(|error| error.to_string())?;
    for trace in export.data {
        let mut ids = BTreeSet::new();
        for span in &trace.spans {
            let is_one = is_hex(&span.id, 16) && ids.insert(&span.id);
            let is_here = span.trace == trace.id
                && is_hex(&trace.id, 32)
                && trace.processes.contains_key(&span.process);
            let references = span.references.iter().all(|reference| {
                reference.ref_type == "CHILD_OF"
                    && reference.trace == trace.id
                    && is_hex(&reference.span, 16)
            });
            let tags = typed(&span.tags)
                && span
                    .logs
                    .iter()
                    .all(|log| typed(&log.fields) && log.timestamp < 1 << 54);
            let is_time = span
                .start_time
                .checked_add(span.duration)
                .is_some_and(|end| end < 1 << 54);
            if !(is_one && is_here && references && tags && is_time)
                || span.operation_name.is_empty()
                || span.flags != 1
            {
                return Err(format!("{span:?}"));
            }
        }
        for process in trace.processes.values() {
            if process.service_name.is_empty() || !typed(&process.tags) {
                return Err("a process".to_owned());
            }
        }
    }
    Ok(())
}

pub(super) fn is_hex(id: &str, digits: usize) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    id.len() == digits && id.bytes().all(is_digit) && id.bytes().any(|byte| byte != b'0')
}

/// Tags have names of their own, and are of the type that they say.
fn typed(tags: &[Tag]) -> bool {
    let mut names = BTreeSet::new();
    tags.iter().all(|tag| {
        let is_exact = |value: i64| value.unsigned_abs() <= 1 << 53;
        let is_typed = match tag.r#type.as_str() {
            "string" => tag.value.is_string(),
            "bool" => tag.value.is_boolean(),
            "int64" => tag.value.as_i64().is_some_and(is_exact),
            "float64" => tag.value.is_number(),
            _ => false,
        };
        is_typed && names.insert(&tag.key)
    })
}
