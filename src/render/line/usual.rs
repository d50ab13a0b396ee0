//! What of a producer's records is shown on each line, and what is not: the bookkeeping that all of
//! them repeat, what is there and empty, and the objects whose members are as good as fields.

use crate::record::{Kind, Value};

/// Says something of a key.
pub(super) type IsKey = fn(&[u8]) -> bool;

/// True for what OpenTelemetry's SDKs write.
fn is_of_opentelemetry(schema: Option<&str>) -> bool {
    matches!(
        schema,
        Some("otel-log" | "otel-span" | "otlp-log" | "otlp-span")
    )
}

/// True for a span that tells when it ended: how long it took is shown instead.
pub(super) fn ends(schema: Option<&str>) -> bool {
    matches!(schema, Some("otel-span" | "otlp-span"))
}

/// True for what OpenTelemetry's SDKs write also where there is none.
#[inline]
pub(super) fn may_be_empty(schema: Option<&str>, key: &[u8]) -> bool {
    is_of_opentelemetry(schema)
        && matches!(
            key,
            b"event_name"
                | b"eventName"
                | b"events"
                | b"links"
                | b"parentSpanId"
                | b"span_id"
                | b"spanId"
                | b"status"
                | b"trace_id"
                | b"traceId"
                | b"trace_state"
                | b"traceState"
        )
}

/// True for such a value that there is none in: Python's lists may be texts, and ids are zeros.
pub(super) fn is_empty(value: Value<'_>) -> bool {
    let text = value.raw;
    let digits = text.strip_prefix(b"0x").unwrap_or(text);
    match value.kind {
        Kind::Plain => text == b"[]" || digits.iter().all(|&digit| digit == b'0'),
        Kind::Array | Kind::Object => text[1..text.len() - 1].trim_ascii().is_empty(),
        _ => value.kind == Kind::Null,
    }
}

/// Objects whose members are shown as fields of the record: those that may be, or all but
/// the correlation key.
#[inline]
pub(super) fn unwrapped(schema: Option<&str>, key: &[u8]) -> Option<IsKey> {
    match key {
        // All else of it is bookkeeping, or has a column.
        b"record" if schema == Some("loguru") => Some(|key| key == b"extra"),
        b"record.extra" if schema == Some("loguru") => Some(|_| true),
        b"attributes" if is_of_opentelemetry(schema) => Some(|_| true),
        b"context" => Some(|key| key != b"key"),
        // The level is told of them, and the facility is mostly the same for all of a process.
        b"syslog" => Some(|key| !matches!(key, b"priority" | b"facility")),
        b"dl" => Some(|key| {
            matches!(
                key,
                b"event" | b"status" | b"duration"
                // What dl-filter took away, or changed.
                | b"records" | b"repeats" | b"throttled" | b"sample" | b"redacted"
            )
        }),
        _ => None,
    }
}

/// What every record of these schemas carries and nobody wants on each line.
pub(super) fn bookkeeping(schema: Option<&str>) -> IsKey {
    match schema {
        Some("python" | "distlog") => |key| {
            matches!(
                key,
                b"args"
                    | b"asctime"
                    | b"context"
                    | b"created"
                    | b"dl"
                    | b"exc_info"
                    | b"exc_text"
                    | b"filename"
                    | b"funcName"
                    | b"hostname"
                    | b"levelname"
                    | b"levelno"
                    | b"lineno"
                    | b"message"
                    | b"module"
                    | b"msecs"
                    | b"msg"
                    | b"name"
                    | b"pathname"
                    | b"process"
                    | b"processName"
                    | b"record_id"
                    | b"relativeCreated"
                    | b"service"
                    | b"stack_info"
                    | b"taskName"
                    | b"thread"
                    | b"threadName"
            )
        },
        // What is no level of its own, tells how the record was sent, or is the same in all of a process.
        Some("otel-log") => |key| {
            matches!(
                key,
                b"dl"
                    | b"dropped_attributes"
                    | b"observed_timestamp"
                    | b"resource"
                    | b"severity_number"
                    | b"severity_text"
                    | b"trace_flags"
            )
        },
        Some("otel-span") => |key| matches!(key, b"dl" | b"end_time" | b"resource"),
        Some("otlp-log" | "otlp-span") => |key| {
            matches!(
                key,
                b"dl"
                    | b"droppedAttributesCount"
                    | b"droppedEventsCount"
                    | b"droppedLinksCount"
                    | b"endTimeUnixNano"
                    | b"flags"
                    | b"observedTimeUnixNano"
                    | b"resource"
                    | b"scope"
                    | b"severityNumber"
                    | b"severityText"
                    | b"timeUnixNano"
            )
        },
        Some("pino" | "bunyan") => |key| matches!(key, b"v" | b"hostname"),
        Some("loguru") => |key| matches!(key, b"dl" | b"record" | b"text"),
        _ => |key| key == b"dl",
    }
}
