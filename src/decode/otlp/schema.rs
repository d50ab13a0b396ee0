//! The messages of OTLP that export logs and traces, as tables: field numbers, names in JSON
//! and types (opentelemetry-proto 1.7, `logs/v1`, `trace/v1`, `common/v1`, `resource/v1`).

/// A message.
#[derive(Debug)]
pub(super) struct Message {
    /// Its fields, in the order in which they are written.
    pub(super) fields: &'static [Field],
    /// Only one of the fields is there: the last that comes.
    pub(super) oneof: bool,
}

/// A field of a message.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) number: u64,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) repeated: bool,
}

/// The type of a field, and how OTLP/JSON writes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    /// An id: hexadecimal digits.
    Id,
    /// Base64.
    Bytes,
    Bool,
    /// A varint of 32 bits, or an enum: a number.
    Number,
    /// A fixed32: a number.
    Fixed32,
    /// A fixed64: digits in a string.
    Fixed64,
    /// A signed varint of 64 bits: digits in a string.
    Signed,
    Double,
    Message(&'static Message),
}

use Kind::{Bool, Bytes, Double, Fixed32, Fixed64, Id, Number, Signed, Text};

const fn one(number: u64, name: &'static str, kind: Kind) -> Field {
    Field {
        number,
        name,
        kind,
        repeated: false,
    }
}

const fn all(number: u64, name: &'static str, kind: Kind) -> Field {
    Field {
        number,
        name,
        kind,
        repeated: true,
    }
}

const fn message(fields: &'static [Field]) -> Message {
    Message {
        fields,
        oneof: false,
    }
}

/// `ExportLogsServiceRequest`.
pub(super) static LOGS: Message = message(&[all(1, "resourceLogs", Kind::Message(&RESOURCE_LOGS))]);

/// `ExportTraceServiceRequest`.
pub(super) static TRACES: Message =
    message(&[all(1, "resourceSpans", Kind::Message(&RESOURCE_SPANS))]);

static RESOURCE_LOGS: Message = message(&[
    one(1, "resource", Kind::Message(&RESOURCE)),
    all(2, "scopeLogs", Kind::Message(&SCOPE_LOGS)),
    one(3, "schemaUrl", Text),
]);

static RESOURCE_SPANS: Message = message(&[
    one(1, "resource", Kind::Message(&RESOURCE)),
    all(2, "scopeSpans", Kind::Message(&SCOPE_SPANS)),
    one(3, "schemaUrl", Text),
]);

static SCOPE_LOGS: Message = message(&[
    one(1, "scope", Kind::Message(&SCOPE)),
    all(2, "logRecords", Kind::Message(&LOG_RECORD)),
    one(3, "schemaUrl", Text),
]);

static SCOPE_SPANS: Message = message(&[
    one(1, "scope", Kind::Message(&SCOPE)),
    all(2, "spans", Kind::Message(&SPAN)),
    one(3, "schemaUrl", Text),
]);

static RESOURCE: Message = message(&[
    all(1, "attributes", Kind::Message(&KEY_VALUE)),
    one(2, "droppedAttributesCount", Number),
    all(3, "entityRefs", Kind::Message(&ENTITY)),
]);

static ENTITY: Message = message(&[
    one(1, "schemaUrl", Text),
    one(2, "type", Text),
    all(3, "idKeys", Text),
    all(4, "descriptionKeys", Text),
]);

static SCOPE: Message = message(&[
    one(1, "name", Text),
    one(2, "version", Text),
    all(3, "attributes", Kind::Message(&KEY_VALUE)),
    one(4, "droppedAttributesCount", Number),
]);

static LOG_RECORD: Message = message(&[
    one(1, "timeUnixNano", Fixed64),
    one(11, "observedTimeUnixNano", Fixed64),
    one(2, "severityNumber", Number),
    one(3, "severityText", Text),
    one(12, "eventName", Text),
    one(5, "body", Kind::Message(&ANY_VALUE)),
    all(6, "attributes", Kind::Message(&KEY_VALUE)),
    one(7, "droppedAttributesCount", Number),
    one(8, "flags", Fixed32),
    one(9, "traceId", Id),
    one(10, "spanId", Id),
]);

static SPAN: Message = message(&[
    one(1, "traceId", Id),
    one(2, "spanId", Id),
    one(3, "traceState", Text),
    one(4, "parentSpanId", Id),
    one(16, "flags", Fixed32),
    one(5, "name", Text),
    one(6, "kind", Number),
    one(7, "startTimeUnixNano", Fixed64),
    one(8, "endTimeUnixNano", Fixed64),
    all(9, "attributes", Kind::Message(&KEY_VALUE)),
    one(10, "droppedAttributesCount", Number),
    all(11, "events", Kind::Message(&EVENT)),
    one(12, "droppedEventsCount", Number),
    all(13, "links", Kind::Message(&LINK)),
    one(14, "droppedLinksCount", Number),
    one(15, "status", Kind::Message(&STATUS)),
]);

static EVENT: Message = message(&[
    one(1, "timeUnixNano", Fixed64),
    one(2, "name", Text),
    all(3, "attributes", Kind::Message(&KEY_VALUE)),
    one(4, "droppedAttributesCount", Number),
]);

static LINK: Message = message(&[
    one(1, "traceId", Id),
    one(2, "spanId", Id),
    one(3, "traceState", Text),
    all(4, "attributes", Kind::Message(&KEY_VALUE)),
    one(5, "droppedAttributesCount", Number),
    one(6, "flags", Fixed32),
]);

static STATUS: Message = message(&[one(2, "message", Text), one(3, "code", Number)]);

static KEY_VALUE: Message = message(&[
    one(1, "key", Text),
    one(2, "value", Kind::Message(&ANY_VALUE)),
]);

static ANY_VALUE: Message = Message {
    fields: &[
        one(1, "stringValue", Text),
        one(2, "boolValue", Bool),
        one(3, "intValue", Signed),
        one(4, "doubleValue", Double),
        one(5, "arrayValue", Kind::Message(&ARRAY)),
        one(6, "kvlistValue", Kind::Message(&PAIRS)),
        one(7, "bytesValue", Bytes),
    ],
    oneof: true,
};

static ARRAY: Message = message(&[all(1, "values", Kind::Message(&ANY_VALUE))]);

static PAIRS: Message = message(&[all(1, "values", Kind::Message(&KEY_VALUE))]);

/// `ExportLogsServiceResponse` and `ExportTraceServiceResponse`, which differ in a name.
pub(super) static RESPONSE: Message = message(&[one(1, "partialSuccess", Kind::Message(&PARTIAL))]);

static PARTIAL: Message = message(&[
    one(1, "rejectedLogRecords", Signed),
    one(2, "errorMessage", Text),
]);

/// `google.rpc.Status`, as far as it is read.
pub(super) static STATUS_OF_RPC: Message =
    message(&[one(1, "code", Number), one(2, "message", Text)]);
