//! A log record as OTLP has it, whoever has written it.

use std::borrow::Cow;

use super::{
    super::json::Object,
    any::{Any, Attributes},
    span::{Around, some},
};

/// A log record.
#[derive(Debug, Default)]
pub(super) struct Log<'a> {
    /// Nanoseconds since the epoch.
    pub(super) time: Option<u64>,
    pub(super) observed: Option<u64>,
    /// By OpenTelemetry's numbers, from 1 to 24; 0 is not set.
    pub(super) severity: u8,
    pub(super) severity_text: Option<Cow<'a, str>>,
    pub(super) event: Option<Cow<'a, str>>,
    pub(super) body: Option<Any<'a>>,
    pub(super) attributes: Attributes<'a>,
    /// How many attributes are not there.
    pub(super) dropped: u32,
    pub(super) flags: u32,
    /// The ids, as hexadecimal digits.
    pub(super) trace: Option<String>,
    pub(super) span: Option<String>,
    pub(super) around: Around<'a>,
}

/// The words of severities: four numbers for each.
pub(super) const SEVERITIES: [&str; 25] = [
    "unspecified",
    "trace",
    "trace2",
    "trace3",
    "trace4",
    "debug",
    "debug2",
    "debug3",
    "debug4",
    "info",
    "info2",
    "info3",
    "info4",
    "warn",
    "warn2",
    "warn3",
    "warn4",
    "error",
    "error2",
    "error3",
    "error4",
    "fatal",
    "fatal2",
    "fatal3",
    "fatal4",
];

impl Log<'_> {
    /// Appends it.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut log = Object::begin(out);
        if let Some(time) = self.time {
            log.quoted("timeUnixNano", time);
        }
        if let Some(time) = self.observed {
            log.quoted("observedTimeUnixNano", time);
        }
        some(&mut log, "severityNumber", self.severity.into());
        log.some("severityText", self.severity_text.as_deref());
        log.some("eventName", self.event.as_deref());
        if let Some(body) = &self.body {
            body.write(log.key("body"));
        }
        self.attributes.member(&mut log);
        some(&mut log, "droppedAttributesCount", self.dropped);
        some(&mut log, "flags", self.flags);
        log.some("traceId", self.trace.as_deref());
        // Without a trace it would name nothing.
        log.some("spanId", self.trace.as_ref().and(self.span.as_deref()));
        log.end();
    }
}
