//! The table of producers: one row each, the first whose marks hold wins.
//!
//! Sources: REFERENCE.md §§1–3 and 13 in the project's shared notes, taken from real
//! output of each producer. The last row has no marks and holds the names that everybody
//! else uses.

use super::{
    canonical::Canonical as C,
    form::Form::{
        Epoch, ErrorTag, Failure, Given, KeyNode, KeyParent, KeySeq, KeyTree, Level, Levels,
        Octets, Part, Request, Seconds, SecondsBeside, Since, Text, Time, Trace, Traceback, Words,
    },
    level::{self, Scale},
    mark::Mark::{Between, Has, Is, Number},
    schema::{Schema, Source},
    time::Unit,
};

const fn at(path: &'static str) -> Source {
    Source::at(path, Text)
}

const fn trace(path: &'static str) -> Source {
    Source::at(path, Trace)
}

const fn request(path: &'static str) -> Source {
    Source::at(path, Request)
}

const fn failed(path: &'static str) -> Source {
    Source::at(path, Failure)
}

/// All producers, the most telling marks first.
pub(super) static PRODUCERS: &[Schema] = &[
    Schema {
        name: "tree",
        marks: &[Is("dl.kind", "tree")],
        fields: &[
            (C::Time, &[Source::at("start", Time)]),
            (C::Message, &[at("name"), at("root.name")]),
            (C::Type, &[at("scheme")]),
            (C::Tree, &[at("tree")]),
            (C::Level, &[Source::at("level", Level(Scale::Python))]),
            (C::Status, &[at("status")]),
            (
                C::Duration,
                &[Source::at("duration", Seconds(Unit::Seconds))],
            ),
            (C::Exception, &[at("exception")]),
        ],
    },
    // A node of a tree by itself, as `dl-tree --select` asks it (`tree::node`).
    Schema {
        name: "node",
        marks: &[Is("dl.kind", "node")],
        fields: &[
            (C::Time, &[Source::at("start", Time)]),
            (C::Message, &[at("name")]),
            (C::Type, &[at("scheme")]),
            (C::Host, &[at("host")]),
            (C::Process, &[at("process")]),
            (C::Exception, &[at("exception")]),
            (C::Tree, &[at("tree")]),
            (C::Node, &[at("node")]),
            (C::Status, &[at("status")]),
            (
                C::Duration,
                &[Source::at("duration", Seconds(Unit::Seconds))],
            ),
        ],
    },
    // What a filter of ours took away, counted (`clean::loss`).
    Schema {
        name: "loss",
        marks: &[Is("dl.kind", "loss")],
        fields: &[
            (C::Time, &[Source::at("dl.to", Time)]),
            (C::Logger, &[at("dl.key")]),
            (C::Message, &[at("dl.stage")]),
            (C::Type, &[at("dl.kind")]),
        ],
    },
    Schema {
        name: "eliot",
        marks: &[Has("task_uuid"), Has("task_level")],
        fields: &[
            (C::Time, &[Source::at("timestamp", Time)]),
            (
                C::Level,
                &[
                    Source::at("log_level", Level(Scale::Python)),
                    Source::at("action_status", ELIOT_STATUS_LEVEL),
                    Source::at("message_type", ELIOT_TYPE_LEVEL),
                ],
            ),
            (C::Logger, &[at("logger")]),
            (
                C::Message,
                &[
                    at("message"),
                    at("action_type"),
                    at("message_type"),
                    at("text"),
                ],
            ),
            (C::Type, &[at("action_type"), at("message_type")]),
            (C::Host, HOST),
            (C::Service, SERVICE),
            (C::Process, PROCESS),
            (C::Thread, &[at("thread"), at("threadName")]),
            (
                C::Exception,
                &[at("traceback"), at("reason"), at("exception")],
            ),
            (C::Tree, &[at("task_uuid")]),
            (C::Node, &[at("task_level")]),
            (C::Seq, &[at("action_counter")]),
            (C::Event, &[Source::at("action_status", ELIOT_EVENT)]),
            (C::Status, &[Source::at("action_status", ELIOT_STATUS)]),
        ],
    },
    // Eliot behind Twisted's logger (jsonFileLogObserver): the record is one level down.
    Schema {
        name: "eliot-twisted",
        marks: &[Has("eliot.task_uuid"), Has("eliot.task_level")],
        fields: &[
            (
                C::Time,
                &[
                    Source::at("eliot.timestamp", Time),
                    Source::at("log_time", Time),
                ],
            ),
            (
                C::Level,
                &[
                    Source::at("eliot.log_level", Level(Scale::Python)),
                    Source::at("eliot.action_status", ELIOT_STATUS_LEVEL),
                    Source::at("eliot.message_type", ELIOT_TYPE_LEVEL),
                ],
            ),
            (C::Logger, &[at("eliot.logger"), at("log_namespace")]),
            (
                C::Message,
                &[
                    at("eliot.message"),
                    at("eliot.action_type"),
                    at("eliot.message_type"),
                ],
            ),
            (
                C::Type,
                &[at("eliot.action_type"), at("eliot.message_type")],
            ),
            (
                C::Exception,
                &[
                    at("eliot.traceback"),
                    at("eliot.reason"),
                    at("eliot.exception"),
                ],
            ),
            (C::Tree, &[at("eliot.task_uuid")]),
            (C::Node, &[at("eliot.task_level")]),
            (C::Seq, &[at("eliot.action_counter")]),
            (C::Event, &[Source::at("eliot.action_status", ELIOT_EVENT)]),
            (
                C::Status,
                &[Source::at("eliot.action_status", ELIOT_STATUS)],
            ),
        ],
    },
    // Eliot in the journal: what the wrapping says; `tree::scheme::journald` reads the rest.
    Schema {
        name: "eliot-journald",
        marks: &[Has("ELIOT_TASK"), Has("MESSAGE")],
        fields: &[
            (C::Time, JOURNALD_TIME),
            (C::Level, &[Source::at("PRIORITY", Level(Scale::Syslog))]),
            (C::Logger, &[at("SYSLOG_IDENTIFIER")]),
            (C::Message, &[at("MESSAGE")]),
            (C::Type, &[at("ELIOT_TYPE")]),
            (C::Host, &[at("_HOSTNAME")]),
            (C::Process, &[at("_PID")]),
            (C::Tree, &[at("ELIOT_TASK")]),
        ],
    },
    Schema {
        name: "distlog",
        marks: &[Has("levelno"), Has("context.key")],
        fields: &[
            (C::Time, PYTHON_TIME),
            (C::Level, PYTHON_LEVEL),
            (C::Logger, &[at("name")]),
            (C::Message, &[at("message"), at("msg")]),
            (C::Host, HOST),
            (C::Service, SERVICE),
            (C::Process, &[at("process")]),
            (C::Thread, &[at("threadName"), at("thread")]),
            (C::Exception, &[failed("exc_text")]),
            (C::Tree, &[Source::at("context.key", KeyTree)]),
            (C::Node, &[Source::at("context.key", KeyNode)]),
            (C::Parent, &[Source::at("context.key", KeyParent)]),
            (C::Seq, &[Source::at("context.key", KeySeq)]),
            (
                C::Event,
                &[at("dl.event"), Source::at("funcName", DISTLOG_EVENT)],
            ),
            (C::Status, &[at("dl.status")]),
            (
                C::Duration,
                &[Source::at("dl.duration", Seconds(Unit::Seconds))],
            ),
        ],
    },
    Schema {
        name: "python",
        marks: &[Has("levelno"), Number("created")],
        fields: &[
            (C::Time, PYTHON_TIME),
            (C::Level, PYTHON_LEVEL),
            (C::Logger, &[at("name")]),
            (C::Message, &[at("message"), at("msg")]),
            (C::Host, HOST),
            (C::Service, SERVICE),
            (C::Process, &[at("process")]),
            (C::Thread, &[at("threadName"), at("thread")]),
            (C::Exception, &[failed("exc_text"), failed("exc_info")]),
            (C::Tree, REQUEST),
        ],
    },
    // loguru with `serialize=True`, which has the traceback in the text alone.
    Schema {
        name: "loguru",
        marks: &[
            Has("record.level.no"),
            Has("record.elapsed"),
            Has("record.message"),
        ],
        fields: &[
            (
                C::Time,
                &[
                    Source::at("record.time.repr", Time),
                    Source::at("record.time.timestamp", Time),
                ],
            ),
            (
                C::Level,
                &[
                    Source::at("record.level.no", Level(Scale::Python)),
                    Source::at("record.level.name", Level(Scale::Python)),
                ],
            ),
            (C::Logger, &[at("record.name")]),
            (C::Message, &[at("record.message")]),
            (C::Service, &[at("record.extra.service")]),
            (C::Host, &[at("record.extra.host")]),
            (C::Process, &[at("record.process.id")]),
            (C::Thread, &[at("record.thread.name")]),
            (C::Exception, &[Source::at("text", Traceback)]),
            (
                C::Tree,
                &[
                    trace("record.extra.trace_id"),
                    trace("record.extra.otelTraceID"),
                    request("record.extra.request_id"),
                    request("record.extra.correlation_id"),
                ],
            ),
        ],
    },
    Schema {
        name: "bunyan",
        marks: &[
            Has("v"),
            Number("level"),
            Has("hostname"),
            Has("name"),
            Has("msg"),
        ],
        fields: &[
            (C::Time, &[Source::at("time", Time)]),
            (C::Level, &[Source::at("level", Level(Scale::Pino))]),
            (C::Logger, &[at("name")]),
            (C::Message, &[at("msg")]),
            (C::Host, &[at("hostname")]),
            (C::Process, &[at("pid")]),
            (C::Exception, &[failed("err.stack"), failed("err.message")]),
            (C::Tree, REQUEST),
        ],
    },
    // `msg` is a template of Logbook's, of which `message` is what came.
    Schema {
        name: "logbook",
        marks: &[Has("channel"), Between("level", 9, 15)],
        fields: &[
            (C::Time, &[Source::at("time", Time)]),
            (C::Level, &[Source::at("level", Level(Scale::Logbook))]),
            (C::Logger, &[at("channel")]),
            (C::Message, &[at("message"), at("msg")]),
            (C::Host, HOST),
            (C::Service, SERVICE),
            (C::Process, &[at("process"), at("pid")]),
            (C::Thread, &[at("thread_name"), at("thread")]),
            (
                C::Exception,
                &[failed("formatted_exception"), failed("exception_message")],
            ),
            (C::Tree, REQUEST),
        ],
    },
    // Monolog's numbers mean nothing elsewhere: the least is greater than the last of others.
    Schema {
        name: "monolog",
        marks: &[Has("level_name"), Has("channel"), Number("level")],
        fields: &[
            (C::Time, &[Source::at("datetime", Time)]),
            (C::Level, &[Source::at("level_name", Level(Scale::Python))]),
            (C::Logger, &[at("channel")]),
            (C::Message, &[at("message")]),
            (C::Host, &[at("extra.hostname")]),
            (C::Service, SERVICE),
            (C::Process, &[at("extra.process_id")]),
            (C::Exception, &[failed("context.exception")]),
            (C::Tree, REQUEST),
            (
                C::Duration,
                &[
                    Source::at("context.duration_ms", Seconds(Unit::Millis)),
                    Source::at("context.duration", Seconds(Unit::Seconds)),
                ],
            ),
        ],
    },
    // pino appends the user's fields after its own and the message last.
    Schema {
        name: "pino",
        marks: &[Number("level"), Has("time"), Has("msg")],
        fields: &[
            (C::Time, &[Source::at("time", Time)]),
            (C::Level, &[Source::at("level", Level(Scale::Pino))]),
            (C::Logger, &[at("name"), at("module")]),
            (C::Message, &[Source::last("msg", Text)]),
            (C::Host, &[at("hostname")]),
            (C::Service, SERVICE),
            (C::Process, &[at("pid")]),
            (C::Exception, &[failed("err.stack"), failed("err.message")]),
            (C::Tree, REQUEST),
            (C::Duration, PINO_DURATION),
        ],
    },
    // pino whose time or message has been left out or is called otherwise.
    Schema {
        name: "pino-renamed",
        marks: &[Has("hostname"), Number("level"), Number("pid")],
        fields: &[
            (
                C::Time,
                &[
                    Source::at("time", Time),
                    Source::at("timestamp", Time),
                    Source::at("@timestamp", Time),
                    Source::at("ts", Time),
                ],
            ),
            (C::Level, &[Source::at("level", Level(Scale::Pino))]),
            (C::Logger, &[at("name"), at("logger"), at("module")]),
            (
                C::Message,
                &[
                    Source::last("msg", Text),
                    Source::last("message", Text),
                    Source::last("event", Text),
                    Source::last("text", Text),
                ],
            ),
            (C::Host, &[at("hostname")]),
            (C::Service, SERVICE),
            (C::Process, &[at("pid")]),
            (
                C::Exception,
                &[
                    failed("err.stack"),
                    failed("err.message"),
                    failed("error.stack"),
                    failed("error.message"),
                ],
            ),
            (C::Tree, REQUEST),
            (C::Duration, PINO_DURATION),
        ],
    },
    Schema {
        name: "otel-span",
        marks: &[Has("context.span_id"), Has("start_time")],
        fields: &[
            (C::Time, &[Source::at("start_time", Time)]),
            (C::Message, &[at("name")]),
            (C::Host, &[at("resource.attributes.host.name")]),
            (C::Service, &[at("resource.attributes.service.name")]),
            (C::Process, &[at("resource.attributes.process.pid")]),
            (C::Exception, &[failed("status.description")]),
            (C::Tree, &[trace("context.trace_id")]),
            (C::Node, &[trace("context.span_id")]),
            (C::Parent, &[trace("parent_id")]),
            (
                C::Status,
                &[
                    Source::at("status.status_code", OTEL_STATUS).beside("end_time"),
                    Source::at("end_time", Given("succeeded")),
                    Source::at("start_time", Given("running")),
                ],
            ),
            (
                C::Duration,
                &[Source::at("end_time", Since(None)).beside("start_time")],
            ),
        ],
    },
    // The same of OpenTelemetry for Go.
    Schema {
        name: "otel-go-span",
        marks: &[Has("SpanContext.SpanID"), Has("StartTime")],
        fields: &[
            (C::Time, &[Source::at("StartTime", Time)]),
            (C::Message, &[at("Name")]),
            (C::Exception, &[failed("Status.Description")]),
            (C::Tree, &[trace("SpanContext.TraceID")]),
            (C::Node, &[at("SpanContext.SpanID")]),
            (
                C::Status,
                &[
                    Source::at("Status.Code", OTEL_STATUS).beside("EndTime"),
                    Source::at("EndTime", Given("succeeded")),
                    Source::at("StartTime", Given("running")),
                ],
            ),
            (
                C::Duration,
                &[Source::at("EndTime", Since(None)).beside("StartTime")],
            ),
        ],
    },
    Schema {
        name: "otel-log",
        marks: &[Has("severity_number"), Has("body"), Has("resource")],
        fields: &[
            (
                C::Time,
                &[
                    Source::at("timestamp", Time),
                    Source::at("observed_timestamp", Time),
                ],
            ),
            (
                C::Level,
                &[Source::at("severity_number", Level(Scale::Otel))],
            ),
            (C::Message, &[at("body")]),
            (C::Type, &[at("event_name")]),
            (C::Host, &[at("resource.attributes.host.name")]),
            (C::Service, &[at("resource.attributes.service.name")]),
            (C::Process, &[at("resource.attributes.process.pid")]),
            (C::Exception, &[failed("attributes.exception.stacktrace")]),
            (C::Tree, REQUEST),
            (C::Node, &[trace("span_id")]),
        ],
    },
    // A span of an OTLP/JSON document (`decode::explode`).
    Schema {
        name: "otlp-span",
        marks: &[Has("startTimeUnixNano"), Has("spanId")],
        fields: &[
            (
                C::Time,
                &[Source::at("startTimeUnixNano", Epoch(Unit::Nanos))],
            ),
            (C::Logger, &[at("scope.name")]),
            (C::Message, &[at("name")]),
            (C::Host, &[at("host.name")]),
            (C::Service, &[at("service.name")]),
            (C::Process, &[at("process.pid")]),
            (C::Exception, &[failed("status.message")]),
            (C::Tree, &[trace("traceId")]),
            (C::Node, &[at("spanId")]),
            (C::Parent, &[at("parentSpanId")]),
            (
                C::Status,
                &[
                    // An end that is not known yet.
                    Source::at("endTimeUnixNano", Words(&[("0", "running")])),
                    Source::at("status.code", OTEL_STATUS).beside("endTimeUnixNano"),
                    Source::at("endTimeUnixNano", Given("succeeded")),
                    Source::at("startTimeUnixNano", Given("running")),
                ],
            ),
            (
                C::Duration,
                &[Source::at("endTimeUnixNano", Since(Some(Unit::Nanos)))
                    .beside("startTimeUnixNano")],
            ),
        ],
    },
    // A log of the same.
    Schema {
        name: "otlp-log",
        marks: &[Has("observedTimeUnixNano"), Has("resource")],
        fields: &[
            (
                C::Time,
                &[
                    Source::at("timeUnixNano", Epoch(Unit::Nanos)),
                    Source::at("observedTimeUnixNano", Epoch(Unit::Nanos)),
                ],
            ),
            (
                C::Level,
                &[
                    Source::at("severityNumber", Level(Scale::Otel)),
                    Source::at("severityText", Level(Scale::Python)),
                ],
            ),
            (C::Logger, &[at("scope.name")]),
            (C::Message, &[at("body.stringValue"), at("body")]),
            (C::Type, &[at("eventName")]),
            (C::Host, &[at("host.name")]),
            (C::Service, &[at("service.name")]),
            (C::Process, &[at("process.pid")]),
            (C::Thread, &[at("attributes.thread.name")]),
            (
                C::Exception,
                &[
                    failed("attributes.exception.stacktrace"),
                    failed("attributes.exception.message"),
                ],
            ),
            (C::Tree, &[trace("traceId")]),
            (C::Node, &[at("spanId")]),
        ],
    },
    Schema {
        name: "zipkin",
        marks: &[Has("traceId"), Has("id"), Has("localEndpoint")],
        fields: ZIPKIN,
    },
    // One that does not say whose it is: no log tells times and durations so.
    Schema {
        name: "zipkin",
        marks: &[
            Has("traceId"),
            Has("id"),
            Number("duration"),
            Between("timestamp", MICROS_OF_1973, MICROS_OF_1973 * 1_000 - 1),
        ],
        fields: ZIPKIN,
    },
    Schema {
        name: "jaeger",
        marks: &[Has("operationName"), Has("spanID")],
        fields: &[
            (C::Time, &[Source::at("startTime", Epoch(Unit::Micros))]),
            (C::Message, &[at("operationName")]),
            (C::Service, &[at("process.serviceName")]),
            (C::Tree, &[trace("traceID")]),
            (C::Node, &[at("spanID")]),
            (C::Parent, &[at("references[0].spanID")]),
            (
                C::Status,
                &[
                    Source::at("tags", ErrorTag).beside("duration"),
                    Source::at("duration", Given("succeeded")),
                    Source::at("spanID", Given("running")),
                ],
            ),
            (
                C::Duration,
                &[Source::at("duration", Seconds(Unit::Micros))],
            ),
        ],
    },
    // A subsegment has the name of its segment's service from `decode::explode`.
    Schema {
        name: "xray",
        marks: &[Number("start_time"), Has("trace_id"), Has("id")],
        fields: &[
            (C::Time, &[Source::at("start_time", Epoch(Unit::Seconds))]),
            (C::Message, &[at("name")]),
            (C::Service, &[at("service.name"), at("name")]),
            (
                C::Exception,
                &[
                    failed("cause.exceptions[0].message"),
                    failed("cause.message"),
                ],
            ),
            (C::Tree, &[trace("trace_id")]),
            (C::Node, &[at("id")]),
            (C::Parent, &[at("parent_id")]),
            (
                C::Status,
                &[
                    Source::at("in_progress", Words(&[("true", "running")])),
                    Source::at("fault", XRAY_FAILED).beside("end_time"),
                    Source::at("error", XRAY_FAILED).beside("end_time"),
                    Source::at("throttle", XRAY_FAILED).beside("end_time"),
                    Source::at("end_time", Given("succeeded")),
                    Source::at("id", Given("running")),
                ],
            ),
            (
                C::Duration,
                &[Source::at("end_time", Since(Some(Unit::Seconds))).beside("start_time")],
            ),
        ],
    },
    Schema {
        name: "elastic-apm",
        marks: &[Has("processor.event"), Has("trace.id")],
        fields: &[
            (C::Time, &[Source::at("@timestamp", Time)]),
            (
                C::Message,
                &[at("span.name"), at("transaction.name"), at("message")],
            ),
            (C::Host, HOST),
            (C::Service, SERVICE),
            (C::Process, &[at("process.pid")]),
            (C::Exception, &[failed("error.exception[0].message")]),
            (C::Tree, &[trace("trace.id")]),
            (C::Node, &[at("span.id"), at("transaction.id")]),
            (C::Parent, &[at("parent.id")]),
            (C::Status, &[Source::at("event.outcome", ELASTIC_STATUS)]),
            (
                C::Duration,
                &[
                    Source::at("span.duration.us", Seconds(Unit::Micros)),
                    Source::at("transaction.duration.us", Seconds(Unit::Micros)),
                ],
            ),
        ],
    },
    // Graylog's format: what is not of the format itself has an underscore in front.
    Schema {
        name: "gelf",
        marks: &[Has("short_message"), Has("version"), Has("host")],
        fields: &[
            (C::Time, &[Source::at("timestamp", Time)]),
            (
                C::Level,
                &[
                    Source::at("level", Level(Scale::Syslog)),
                    // graypy passes levels of one's own on as they are.
                    Source::at("level", Level(Scale::Python)),
                ],
            ),
            (C::Message, &[at("short_message")]),
            (
                C::Logger,
                &[
                    at("_logger"),
                    at("_logger_name"),
                    at("_name"),
                    at("facility"),
                ],
            ),
            (C::Host, &[at("host")]),
            (
                C::Service,
                &[at("_service"), at("_service.name"), at("_app")],
            ),
            (C::Process, &[at("_pid"), at("_process_id"), at("_process")]),
            (
                C::Thread,
                &[at("_thread.name"), at("_thread_name"), at("_threadName")],
            ),
            (C::Exception, &[failed("full_message")]),
            (
                C::Tree,
                &[
                    at("_tree"),
                    trace("_trace_id"),
                    trace("_traceId"),
                    request("_request_id"),
                    request("_correlation_id"),
                ],
            ),
            (C::Node, &[at("_node"), at("_span_id"), at("_spanId")]),
            (C::Status, &[at("_status")]),
            (
                C::Duration,
                &[Source::at("_duration", Seconds(Unit::Seconds))],
            ),
        ],
    },
    // PostgreSQL's `jsonlog`.
    Schema {
        name: "postgres",
        marks: &[Has("error_severity"), Has("session_id")],
        fields: &[
            (C::Time, &[Source::at("timestamp", Time)]),
            (C::Level, &[Source::at("error_severity", POSTGRES_LEVEL)]),
            (C::Message, &[at("message")]),
            (C::Logger, &[at("backend_type")]),
            (C::Process, &[at("pid")]),
        ],
    },
    Schema {
        name: "generic",
        marks: &[],
        fields: &[
            (
                C::Time,
                &[
                    Source::at("@timestamp", Time),
                    Source::at("timestamp", Time),
                    Source::at("time", Time),
                    Source::at("ts", Time),
                    Source::at("created", Time),
                    Source::at("@t", Time),
                    Source::at("record.time.timestamp", Time),
                    Source::at("timeUnixNano", Epoch(Unit::Nanos)),
                    Source::at("observedTimeUnixNano", Epoch(Unit::Nanos)),
                    Source::at("log_time", Time),
                    Source::at("startTime", Time),
                    Source::at("start_time", Time),
                    Source::at("datetime", Time),
                    Source::at("date", Time),
                    Source::at("eventTime", Time),
                    Source::at("Timestamp", Time),
                    Source::at("asctime", Time),
                    Source::at("_SOURCE_REALTIME_TIMESTAMP", Epoch(Unit::Micros)),
                    Source::at("__REALTIME_TIMESTAMP", Epoch(Unit::Micros)),
                    Source::at("timereported", Time),
                    Source::at("instant", Time),
                    Source::at("timestampSeconds", SecondsBeside).beside("timestampNanos"),
                    Source::at("timestampSeconds", Epoch(Unit::Seconds)),
                    // When it came, of what tells nothing itself.
                    Source::at("dl.recv.time", Time),
                ],
            ),
            (
                C::Level,
                &[
                    Source::at("level", Level(Scale::Python)),
                    Source::at("levelname", Level(Scale::Python)),
                    Source::at("levelno", Level(Scale::Python)),
                    Source::at("level_value", Level(Scale::Logback)),
                    Source::at("level_number", Level(Scale::Python)),
                    Source::at("log.level", Level(Scale::Python)),
                    Source::at("log_level.name", Level(Scale::Python)),
                    Source::at("log_level", Level(Scale::Python)),
                    Source::at("severity_number", Level(Scale::Otel)),
                    Source::at("severityNumber", Level(Scale::Otel)),
                    Source::at("severity", Level(Scale::Google)),
                    Source::at("severity_text", Level(Scale::Python)),
                    Source::at("severityText", Level(Scale::Python)),
                    Source::at("record.level.no", Level(Scale::Python)),
                    Source::at("record.level.name", Level(Scale::Python)),
                    Source::at("context.logLevel", Level(Scale::Pino)),
                    Source::at("level.levelStr", Level(Scale::Python)),
                    Source::at("@l", Level(Scale::Python)),
                    Source::at("LogLevel", Level(Scale::Python)),
                    Source::at("PRIORITY", Level(Scale::Syslog)),
                    Source::at("syslogseverity", Level(Scale::Syslog)),
                    Source::at("logfire.level_num", Level(Scale::Otel)),
                    Source::at("lvl", Level(Scale::Python)),
                    Source::at("loglevel", Level(Scale::Python)),
                    // Serilog leaves it out where it is Information.
                    Source::at("@mt", Given("info")),
                    Source::at("@m", Given("info")),
                ],
            ),
            (
                C::Message,
                &[
                    at("message"),
                    at("msg"),
                    at("event"),
                    at("fields.message"),
                    at("body.stringValue"),
                    at("body"),
                    at("record.message"),
                    at("short_message"),
                    Source::at("MESSAGE", Octets),
                    at("@message"),
                    at("@m"),
                    at("@mt"),
                    at("Message"),
                    at("log"),
                    at("data[0]"),
                    at("logfire.msg"),
                ],
            ),
            (
                C::Logger,
                &[
                    at("logger"),
                    at("name"),
                    at("logger_name"),
                    at("loggerName"),
                    at("log.logger"),
                    at("target"),
                    at("channel"),
                    at("categoryName"),
                    at("Category"),
                    at("record.name"),
                    at("scope.name"),
                    at("log_namespace"),
                    at("SYSLOG_IDENTIFIER"),
                    at("app-name"),
                ],
            ),
            (
                C::Type,
                &[at("event_name"), at("EventId"), at("@i"), at("msgid")],
            ),
            (C::Host, HOST),
            (C::Service, SERVICE),
            (C::Process, PROCESS),
            (
                C::Thread,
                &[
                    at("threadName"),
                    at("thread_name"),
                    at("thread"),
                    at("threadId"),
                    at("process.thread.name"),
                    at("record.thread.name"),
                    at("greenlet"),
                    at("taskName"),
                ],
            ),
            (
                C::Exception,
                &[
                    failed("exc_text"),
                    failed("exc_info"),
                    failed("exception"),
                    failed("formatted_exception"),
                    failed("error.stack_trace"),
                    failed("exception.stacktrace"),
                    failed("attributes.exception.stacktrace"),
                    failed("stack_trace"),
                    failed("stacktrace"),
                    failed("stack"),
                    failed("err.stack"),
                    failed("traceback"),
                    failed("full_message"),
                    failed("@x"),
                    failed("error.message"),
                    failed("err.message"),
                    failed("attributes.exception.message"),
                    failed("error"),
                    failed("err"),
                    failed("context.exception"),
                    failed("thrown"),
                ],
            ),
            (C::Tree, REQUEST),
            (
                C::Node,
                &[
                    at("span_id"),
                    at("spanId"),
                    at("spanID"),
                    at("span.id"),
                    at("context.span_id"),
                    at("@sp"),
                    at("otelSpanID"),
                    at("dd.span_id"),
                    at("logging.googleapis.com/spanId"),
                ],
            ),
            (
                C::Parent,
                &[
                    at("parent_id"),
                    at("parentSpanId"),
                    at("parent_span_id"),
                    at("parentId"),
                    at("parent.id"),
                ],
            ),
            (C::Event, &[at("dl.event")]),
            (C::Status, &[at("dl.status")]),
            (
                C::Duration,
                &[
                    Source::at("dl.duration", Seconds(Unit::Seconds)),
                    Source::at("duration_ms", Seconds(Unit::Millis)),
                    Source::at("elapsed_milliseconds", Seconds(Unit::Millis)),
                    Source::at("durationMillis", Seconds(Unit::Millis)),
                    Source::at("dur_ms", Seconds(Unit::Millis)),
                    Source::at("duration", Seconds(Unit::Seconds)),
                    Source::at("elapsed", Seconds(Unit::Seconds)),
                ],
            ),
        ],
    },
];

const ZIPKIN: &[(C, &[Source])] = &[
    (C::Time, &[Source::at("timestamp", Epoch(Unit::Micros))]),
    (C::Message, &[at("name")]),
    (C::Service, &[at("localEndpoint.serviceName")]),
    (C::Exception, &[failed("tags.error")]),
    (C::Tree, &[trace("traceId")]),
    (C::Node, &[at("id")]),
    (C::Parent, &[at("parentId")]),
    (
        C::Status,
        &[
            Source::at("tags.error", Given("failed")).beside("duration"),
            Source::at("duration", Given("succeeded")),
            Source::at("id", Given("running")),
        ],
    ),
    (
        C::Duration,
        &[Source::at("duration", Seconds(Unit::Micros))],
    ),
];

/// What pino-http tells of a request, and what others call so.
const PINO_DURATION: &[Source] = &[
    Source::at("responseTime", Seconds(Unit::Millis)),
    Source::at("duration_ms", Seconds(Unit::Millis)),
    Source::at("duration", Seconds(Unit::Seconds)),
];

/// The least number that is a time in microseconds, and not in milliseconds; a thousand times that are
/// nanoseconds (REFERENCE.md §12).
const MICROS_OF_1973: i64 = 100_000_000_000_000;

const JOURNALD_TIME: &[Source] = &[
    Source::at("_SOURCE_REALTIME_TIMESTAMP", Epoch(Unit::Micros)),
    Source::at("__REALTIME_TIMESTAMP", Epoch(Unit::Micros)),
];
const PYTHON_TIME: &[Source] = &[
    Source::at("created", Epoch(Unit::Seconds)),
    Source::at("asctime", Time),
];
const PYTHON_LEVEL: &[Source] = &[
    Source::at("levelno", Level(Scale::Python)),
    Source::at("levelname", Level(Scale::Python)),
];
/// What who has received a record knows of it, whoever has written it, where it does not tell that itself.
pub(super) fn stamped(canonical: C) -> &'static [Source] {
    match canonical {
        C::Host => const { &[at("dl.recv.host")] },
        C::Service => const { &[at("dl.recv.service")] },
        _ => &[],
    }
}

const HOST: &[Source] = &[
    at("hostname"),
    at("host.hostname"),
    at("host.name"),
    at("host"),
    at("_HOSTNAME"),
    at("fromhost"),
];
const PROCESS: &[Source] = &[
    at("pid"),
    at("process.pid"),
    at("process"),
    at("record.process.id"),
    at("_PID"),
    at("_pid"),
    at("procid"),
];
const SERVICE: &[Source] = &[
    at("service.name"),
    at("service"),
    at("dd.service"),
    at("otelServiceName"),
    at("resource.service.name"),
    at("app"),
];
/// The ids of traces and requests, in the order in which the schemes of trees look at them
/// (`tree::scheme`).
const REQUEST: &[Source] = &[
    trace("trace_id"),
    trace("traceId"),
    trace("traceID"),
    trace("trace.id"),
    trace("context.trace_id"),
    trace("TraceId"),
    trace("@tr"),
    trace("otelTraceID"),
    trace("logging.googleapis.com/trace"),
    trace("dd.trace_id"),
    trace("X-B3-TraceId"),
    trace("operation_Id"),
    Source::at("b3", Part('-', 0)),
    Source::at("headers.b3", Part('-', 0)),
    Source::at("uber-trace-id", Part(':', 0)),
    Source::at("headers.uber-trace-id", Part(':', 0)),
    trace("xray_trace_id"),
    trace("contextMap.traceId"),
    trace("contextMap.trace_id"),
    trace("extra.trace_id"),
    trace("extra.traceId"),
    Source::at("traceparent", Part('-', 1)),
    Source::at("context.traceparent", Part('-', 1)),
    Source::at("headers.traceparent", Part('-', 1)),
    request("request_id"),
    request("requestId"),
    request("req_id"),
    request("reqId"),
    request("req.id"),
    request("x_request_id"),
    request("x-request-id"),
    request("correlation_id"),
    request("correlationId"),
    request("function_request_id"),
    request("aws_request_id"),
    request("AWSRequestId"),
    request("RequestId"),
    request("CorrelationId"),
    request("context.request_id"),
    request("context.correlation_id"),
    request("extra.request_id"),
    request("extra.correlation_id"),
    request("transaction.id"),
];

const ELIOT_EVENT: super::form::Form = Words(&[
    ("started", "start"),
    ("succeeded", "end"),
    ("failed", "end"),
]);
const ELIOT_STATUS: super::form::Form = Words(&[
    ("started", "running"),
    ("succeeded", "succeeded"),
    ("failed", "failed"),
]);
/// The priorities that eliot.journald gives: a failed action is an error, a traceback critical.
const ELIOT_STATUS_LEVEL: super::form::Form = Levels(&[
    ("started", level::Level::INFO),
    ("succeeded", level::Level::INFO),
    ("failed", level::Level::ERROR),
]);
const ELIOT_TYPE_LEVEL: super::form::Form = Levels(&[("eliot:traceback", level::Level::CRITICAL)]);
/// `LOG` stands above ERROR only where the server is told what to write.
const POSTGRES_LEVEL: super::form::Form = Levels(&[
    ("DEBUG5", level::Level::DEBUG),
    ("DEBUG4", level::Level::DEBUG),
    ("DEBUG3", level::Level::DEBUG),
    ("DEBUG2", level::Level::DEBUG),
    ("DEBUG1", level::Level::DEBUG),
    ("LOG", level::Level::INFO),
    ("INFO", level::Level::INFO),
    ("NOTICE", level::Level::NOTICE),
    ("WARNING", level::Level::WARNING),
    ("ERROR", level::Level::ERROR),
    ("FATAL", level::Level::FATAL),
    ("PANIC", level::Level::FATAL),
]);
/// The original package marks scopes only by the method that logs (0.1.dev0).
const DISTLOG_EVENT: super::form::Form = Words(&[("__enter__", "start"), ("__exit__", "end")]);
/// A span whose status nobody has set ended well, as far as anybody knows.
const OTEL_STATUS: super::form::Form = Words(&[
    ("UNSET", "succeeded"),
    ("OK", "succeeded"),
    ("ERROR", "failed"),
    ("Error", "failed"),
    ("2", "failed"),
    ("STATUS_CODE_ERROR", "failed"),
    ("StatusCode.ERROR", "failed"),
]);
const XRAY_FAILED: super::form::Form = Words(&[("true", "failed")]);
const ELASTIC_STATUS: super::form::Form = Words(&[("success", "succeeded"), ("failure", "failed")]);

#[cfg(test)]
mod tests;
