//! OTLP/JSON, read by opentelemetry-proto: what it has understood is written again and has to be
//! what it was given, because a name that it does not know it would pass over.

use distlog::record::Lines;
use opentelemetry_proto::tonic::{logs::v1::LogsData, trace::v1::TracesData};
use serde_json::Value;

pub(in super::super) fn otlp(out: &[u8]) -> Result<(), String> {
    crate::fmt::harm_of_json(out)?;
    for line in Lines::new(out) {
        // Protobuf's JSON has words for these numbers, and this reader takes none.
        let mut text = String::from_utf8_lossy(line).into_owned();
        for word in ["NaN", "Infinity", "-Infinity"] {
            let value = format!("{{\"doubleValue\":\"{word}\"}}");
            text = text.replace(&value, "{\"doubleValue\":0.5}");
        }
        let line = text.as_bytes();
        let read = |error: serde_json::Error| format!("{error} in {text}");
        let given: Value = serde_json::from_slice(line).map_err(read)?;
        let understood = if given.get("resourceSpans").is_some() {
            let data: TracesData = serde_json::from_slice(line).map_err(read)?;
            for span in data
                .resource_spans
                .iter()
                .flat_map(|r| &r.scope_spans)
                .flat_map(|s| &s.spans)
            {
                let is_parent = matches!(span.parent_span_id.len(), 0 | 8);
                if span.trace_id.len() != 16 || span.span_id.len() != 8 || !is_parent {
                    return Err(format!("ids of {span:?}"));
                }
                if span.end_time_unix_nano < span.start_time_unix_nano || span.name.is_empty() {
                    return Err(format!("{span:?}"));
                }
            }
            serde_json::to_value(data)
        } else {
            let data: LogsData = serde_json::from_slice(line).map_err(read)?;
            for log in data
                .resource_logs
                .iter()
                .flat_map(|r| &r.scope_logs)
                .flat_map(|s| &s.log_records)
            {
                let are_ids = matches!(
                    (log.trace_id.len(), log.span_id.len()),
                    (0, 0) | (16, 0 | 8)
                );
                if !are_ids || !(0..=24).contains(&log.severity_number) {
                    return Err(format!("{log:?}"));
                }
            }
            serde_json::to_value(data)
        };
        let understood = understood.map_err(read)?;
        within(&given, &understood, "")?;
    }
    Ok(())
}

/// All that is given has been understood.
fn within(given: &Value, understood: &Value, path: &str) -> Result<(), String> {
    match (given, understood) {
        // A null has no value in it.
        (Value::Object(given), _) if given.is_empty() => Ok(()),
        (Value::Object(given), Value::Object(understood)) => {
            given.iter().try_for_each(|(key, value)| {
                let path = format!("{path}.{key}");
                let Some(understood) = understood.get(key) else {
                    return Err(format!("{path} is not understood"));
                };
                within(value, understood, &path)
            })
        }
        (Value::Array(given), Value::Array(understood)) if given.len() == understood.len() => given
            .iter()
            .zip(understood)
            .try_for_each(|(given, understood)| within(given, understood, path)),
        (Value::Number(given), Value::Number(understood))
            if given.as_f64() == understood.as_f64() =>
        {
            Ok(())
        }
        _ if given == understood => Ok(()),
        _ => Err(format!("{path}: {given} is understood as {understood}")),
    }
}
