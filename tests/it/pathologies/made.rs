//! Records of Eliot, of OpenTelemetry, of Zipkin and of nobody, with nothing in them but what trees need.

use std::fmt::Write;

/// Ids as dl-tree tells them.
pub(super) struct Ids;

impl Ids {
    /// Of the span with that number.
    pub(super) fn span(number: usize) -> String {
        format!("{number:016x}")
    }
}

/// Adds a record of a task.
pub(super) fn eliot(lines: &mut String, task: &str, level: &[usize], more: &str) {
    writeln!(
        lines,
        "{{\"task_uuid\":\"{task}\",\"task_level\":{level:?},\"timestamp\":1795176000.5,{more}}}"
    )
    .expect("a text takes all");
}

/// Adds a span of one trace, given its number, that of the span above or 0, and the microsecond
/// that it starts in.
pub(super) fn span(lines: &mut String, number: usize, parent: usize, start: usize) {
    let above = match parent {
        0 => "null".to_owned(),
        parent => format!("\"0x{parent:016x}\""),
    };
    let (seconds, micros) = (start / 1_000_000, start % 1_000_000);
    writeln!(
        lines,
        "{{\"name\":\"s\",\"context\":{{\"trace_id\":\"0x{:032x}\",\"span_id\":\"0x{number:016x}\"}},\
         \"parent_id\":{above},\"kind\":\"SpanKind.INTERNAL\",\
         \"start_time\":\"2026-11-20T12:00:{seconds:02}.{micros:06}Z\",\
         \"end_time\":\"2026-11-20T13:00:{seconds:02}.{micros:06}Z\",\
         \"status\":{{\"status_code\":\"OK\"}}}}",
        1
    )
    .expect("a text takes all");
}

/// Adds a record of a scope that only the user's own fields tell of, given its number and that
/// of the scope above or 0.
pub(super) fn own(lines: &mut String, number: usize, parent: usize) {
    let above = match parent {
        0 => String::new(),
        parent => format!(",\"up\":\"s{parent}\""),
    };
    writeln!(lines, "{{\"own\":\"s{number}\"{above}}}").expect("a text takes all");
}

/// Adds the half of a call that many services have, as Zipkin shares ids, and a call of its own
/// below it.
pub(super) fn zipkin_half(lines: &mut String, number: usize) {
    let place = format!("\"localEndpoint\":{{\"serviceName\":\"s{number}\"}}");
    let time = format!(
        "\"timestamp\":{},\"duration\":9",
        1_795_176_000_000_000 + number
    );
    writeln!(
        lines,
        "{{\"traceId\":\"1\",\"id\":\"aa\",\"kind\":\"SERVER\",\"shared\":true,{place},{time}}}\n\
         {{\"traceId\":\"1\",\"id\":\"{:x}\",\"parentId\":\"aa\",{place},{time}}}",
        0x100_0000 + number
    )
    .expect("a text takes all");
}
