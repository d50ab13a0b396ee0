//! Logs without spans: each record names its trace and its span, and most of them nothing
//! more. Which span is above which, only B3's and APM's records tell.

use serde_json::{Value, json};

use super::{
    Scheme,
    time::{rfc3339, seconds},
    trace::{log, parent_id, span_id, trace_id},
};
use crate::truth::{
    model::{Level, Nanos, Request, What},
    record::{Pen, Tell},
};

/// Why a tree of logs is flat.
const FLAT: &str = "Which span is above which, so all of them hang below the trace; whether anything failed, ended, \
                    or is missing.";

pub(in crate::truth) static OTEL: Scheme = Scheme {
    name: "OpenTelemetry ids in logs",
    args: &[],
    write: |request, pen| each(request, pen, otel, log),
    sees_all: false,
    cannot: FLAT,
};

pub(in crate::truth) static DATADOG: Scheme = Scheme {
    name: "Datadog ids in logs",
    args: &[],
    write: |request, pen| {
        each(request, pen, datadog, |request, scope| {
            let low = request.id & u128::from(u64::MAX);
            log(request, scope).tree(format!("{low:016x}"))
        });
    },
    sees_all: false,
    cannot: FLAT,
};

pub(in crate::truth) static GCP: Scheme = Scheme {
    name: "Google Cloud ids in logs",
    args: &[],
    write: |request, pen| each(request, pen, gcp, log),
    sees_all: false,
    cannot: FLAT,
};

pub(in crate::truth) static W3C: Scheme = Scheme {
    name: "W3C traceparent in logs",
    args: &[],
    write: |request, pen| each(request, pen, w3c, log),
    sees_all: false,
    cannot: FLAT,
};

pub(in crate::truth) static B3: Scheme = Scheme {
    name: "B3 ids in logs",
    args: &[],
    write: |request, pen| {
        each(request, pen, b3, |request, scope| {
            // The root has nothing above it, but so have records that just do not say so.
            Tell {
                is_root: false,
                ..log(request, scope).link(request)
            }
        });
    },
    sees_all: true,
    cannot: "What is above a span all of whose records are lost; whether a record without a parent is at the root, or \
             just does not name it; whether anything failed, ended, or is missing.",
};

/// Writes a record for each step of a request that would be logged.
fn each(
    request: &Request,
    pen: &mut Pen,
    record: fn(&Request, usize, &Said<'_>) -> Value,
    tell: fn(&Request, usize) -> Tell,
) {
    for (scope, inside) in request.scopes.iter().enumerate() {
        for step in &inside.steps {
            let (level, text) = match step.what {
                What::Start => (Level::Info, format!("begin: {}", inside.goal)),
                What::End => (Level::Info, format!("end: {}", inside.goal)),
                What::Message(level) => (level, format!("about {}", inside.goal)),
                What::Child(_) | What::Unused => continue,
            };
            let said = Said {
                at: request.clock(scope, step.at),
                level,
                text: &text,
            };
            let record = record(request, scope, &said);
            pen.record(request, step.at, record, tell(request, scope));
        }
    }
}

/// What is logged.
struct Said<'t> {
    at: Nanos,
    level: Level,
    text: &'t str,
}

/// Python's instrumentation in some services, pino's and winston's in others.
fn otel(request: &Request, scope: usize, said: &Said<'_>) -> Value {
    let process = request.process(scope);
    let (trace, span) = (trace_id(request), span_id(request, scope));
    match process.service {
        "orders" | "stock" => json!({
            "message": said.text, "levelname": said.level.name(), "name": "shop",
            "asctime": rfc3339(said.at), "otelTraceID": trace, "otelSpanID": span,
            "otelTraceSampled": true, "otelServiceName": process.service,
        }),
        "payments" => json!({
            "level": said.level.name().to_lowercase(), "message": said.text,
            "service": process.service, "timestamp": rfc3339(said.at),
            "trace_id": trace, "span_id": span, "trace_flags": "01",
        }),
        _ => json!({
            "level": said.level.number() + 10, "time": said.at / 1_000_000, "pid": process.pid,
            "hostname": process.host, "trace_id": trace, "span_id": span,
            "trace_flags": "01", "msg": said.text,
        }),
    }
}

fn datadog(request: &Request, scope: usize, said: &Said<'_>) -> Value {
    // The low half of the id, as older tracers write it.
    let low = request.id & u128::from(u64::MAX);
    json!({
        "message": said.text, "levelname": said.level.name(), "timestamp": rfc3339(said.at),
        "dd.trace_id": low.to_string(), "dd.span_id": request.scopes[scope].id.to_string(),
        "dd.service": request.process(scope).service, "dd.version": "1", "dd.env": "prod",
    })
}

fn gcp(request: &Request, scope: usize, said: &Said<'_>) -> Value {
    json!({
        "message": said.text, "severity": said.level.name(), "time": rfc3339(said.at),
        "logging.googleapis.com/trace": format!("projects/shop-1/traces/{}", trace_id(request)),
        "logging.googleapis.com/spanId": span_id(request, scope),
        "logging.googleapis.com/trace_sampled": true,
    })
}

fn w3c(request: &Request, scope: usize, said: &Said<'_>) -> Value {
    let (trace, span) = (trace_id(request), span_id(request, scope));
    json!({
        "timestamp": seconds(said.at), "level": said.level.name(), "event": said.text,
        "traceparent": format!("00-{trace}-{span}-01"), "service": request.process(scope).service,
    })
}

/// As Spring Cloud Sleuth puts them into logback's JSON.
fn b3(request: &Request, scope: usize, said: &Said<'_>) -> Value {
    let mut record = json!({
        "@timestamp": rfc3339(said.at), "@version": "1", "message": said.text,
        "logger_name": "shop.Work", "thread_name": "main", "level": said.level.name(),
        "X-B3-TraceId": trace_id(request), "X-B3-SpanId": span_id(request, scope),
        "X-Span-Export": "true",
    });
    if let Some(parent) = parent_id(request, scope) {
        record["X-B3-ParentSpanId"] = parent.into();
    }
    record
}
