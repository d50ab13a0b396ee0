//! The judges: each reads a whole document and says what is wrong with it.

mod chrome;
mod jaeger;
mod otlp;
mod speedscope;
mod zipkin;

use distlog::record::Lines;
use serde_json::{Map, Value};

pub(super) use self::{
    chrome::chrome, jaeger::jaeger, otlp::otlp, speedscope::speedscope, zipkin::zipkin,
};

/// Text that no terminal obeys.
pub(super) fn lines(out: &[u8]) -> Result<(), String> {
    crate::fmt::harm(out, out)
}

/// Objects, one a line.
fn objects(out: &[u8]) -> Result<Vec<Map<String, Value>>, String> {
    crate::fmt::harm_of_json(out)?;
    Lines::new(out)
        .map(|line| {
            let text = String::from_utf8_lossy(line);
            serde_json::from_slice(line).map_err(|error| format!("{error} in {text}"))
        })
        .collect()
}

/// inferno makes a flame graph of it, and every count is in it.
pub(super) fn folded(out: &[u8]) -> Result<(), String> {
    lines(out)?;
    let text = std::str::from_utf8(out).map_err(|error| error.to_string())?;
    let mut sum: u64 = 0;
    for line in text.lines() {
        let (stack, count) = line.rsplit_once(' ').ok_or("no count")?;
        let count: u64 = count.parse().map_err(|_| format!("no count: {line}"))?;
        if stack.split(';').any(str::is_empty) || count == 0 {
            return Err(format!("nothing in {line}"));
        }
        sum = sum.saturating_add(count);
    }
    // Counts beyond what a double has would be another sum with each way to add.
    if text.is_empty() || sum > 1 << 50 {
        return Ok(());
    }
    let mut svg = Vec::new();
    let mut options = inferno::flamegraph::Options::default();
    inferno::flamegraph::from_reader(&mut options, out, &mut svg).map_err(|e| e.to_string())?;
    let svg = String::from_utf8(svg).map_err(|error| error.to_string())?;
    let total = svg
        .split("<title>all (")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    let total = total.unwrap_or_default().replace(',', "");
    if total != sum.to_string() {
        return Err(format!("{total} instead of {sum}"));
    }
    Ok(())
}

/// GELF 1.1 as its specification has it, which is stricter than those who write it.
pub(super) fn gelf(out: &[u8]) -> Result<(), String> {
    for message in objects(out)? {
        let has_text = |key: &str| {
            message
                .get(key)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        let is_whole = message.get("version") == Some(&"1.1".into())
            && has_text("host")
            && has_text("short_message");
        let level = message
            .get("level")
            .is_none_or(|level| level.as_u64().is_some_and(|level| level < 8));
        let time = message.get("timestamp").is_none_or(Value::is_number);
        let given = [
            "version",
            "host",
            "short_message",
            "full_message",
            "timestamp",
            "level",
        ];
        let others = message
            .iter()
            .filter(|(key, _)| !given.contains(&key.as_str()));
        let are_fields = others.into_iter().all(|(key, value)| {
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
            let name = key.strip_prefix('_');
            name.is_some_and(|name| name != "id" && name.chars().all(is_name))
                && (value.is_string() || value.is_number())
        });
        if !(is_whole && level && time && are_fields) {
            return Err(format!("{message:?}"));
        }
    }
    Ok(())
}

/// Messages of Eliot, or lines of it as they came.
pub(super) fn eliot(out: &[u8]) -> Result<(), String> {
    for line in Lines::new(out) {
        // What Eliot has written comes out as it was, whatever was in it.
        let Ok(message) = serde_json::from_slice::<Map<String, Value>>(line) else {
            continue;
        };
        let level = message.get("task_level").and_then(Value::as_array);
        let is_level =
            level.is_some_and(|level| !level.is_empty() && level.iter().all(Value::is_u64));
        let has_id = message.get("task_uuid").is_some_and(Value::is_string);
        if !(is_level && has_id) {
            return Err(String::from_utf8_lossy(line).into_owned());
        }
    }
    Ok(())
}

/// Records with what each record of distlog has, or lines of it as they came.
pub(super) fn distlog(out: &[u8]) -> Result<(), String> {
    for line in Lines::new(out) {
        let Ok(record) = serde_json::from_slice::<Map<String, Value>>(line) else {
            continue;
        };
        let key = record
            .get("context")
            .map(|context| context["key"].is_string());
        if !record.contains_key("levelno") || key == Some(false) {
            return Err(String::from_utf8_lossy(line).into_owned());
        }
    }
    Ok(())
}
