//! Random traces, and both forms of them.

use serde_json::{Value, json};

use crate::rng::Rng;

const SERVICES: [&str; 3] = ["gateway", "orders", "payments"];
/// 2026-11-20T12:00:00Z in nanoseconds.
const NOON: u64 = 1_795_176_000_000_000_000;

pub(super) struct Trace {
    id: u128,
    pub(super) spans: Vec<Span>,
}

pub(super) struct Span {
    id: u64,
    /// Zero if there is none.
    parent: u64,
    pub(super) name: String,
    service: usize,
    start: u64,
    end: u64,
    /// As OTLP numbers them: unset, ok, error.
    status: u8,
    /// From unspecified to consumer.
    kind: usize,
    /// Spans of other traces that this one came from.
    links: Vec<(u128, u64)>,
}

impl Trace {
    /// A trace in which spans may be lost, and may have come from others.
    pub(super) fn random(rng: &mut Rng) -> Self {
        let low = u128::from(rng.next() | 1);
        // Older clients have ids of 64 bits.
        let high = if rng.percent(20) {
            0
        } else {
            u128::from(rng.next())
        };
        let count = rng.between(1, 20);
        let mut spans: Vec<Span> = Vec::new();
        for number in 0..count {
            let parent = match spans.len() {
                0 => 0,
                known => spans[rng.below(known)].id,
            };
            let start = NOON + rng.next() % 1_000_000_000;
            spans.push(Span {
                id: rng.next() | 1,
                parent: if rng.percent(3) { 0 } else { parent },
                name: format!("step {number}"),
                service: rng.below(SERVICES.len()),
                start,
                end: start + rng.next() % 1_000_000_000,
                status: rng.pick(&[0, 0, 1, 2]),
                kind: rng.below(6),
                links: (0..rng.below(3))
                    .filter_map(|_| {
                        let other = (u128::from(rng.next()), rng.next() | 1);
                        rng.percent(20).then_some(other)
                    })
                    .collect(),
            });
        }
        spans.retain(|_| !rng.percent(8));
        rng.mix(&mut spans);
        Self {
            id: high << 64 | low,
            spans,
        }
    }

    /// All 32 digits.
    pub(super) fn id(&self) -> String {
        format!("{:032x}", self.id)
    }
}

impl Span {
    pub(super) fn id(&self) -> String {
        format!("{:016x}", self.id)
    }

    pub(super) fn parent(&self) -> Option<String> {
        (self.parent != 0).then(|| format!("{:016x}", self.parent))
    }

    pub(super) fn is_failed(&self) -> bool {
        self.status == 2
    }

    /// When it started, in microseconds.
    pub(super) fn started(&self) -> String {
        let micros = (self.start - NOON) / 1_000;
        format!(
            "2026-11-20T12:00:{:02}.{:06}Z",
            micros / 1_000_000,
            micros % 1_000_000
        )
    }
}

/// An export for each service of each trace.
pub(super) fn otlp(traces: &[Trace]) -> Vec<String> {
    let mut lines = Vec::new();
    for trace in traces {
        for (number, service) in SERVICES.iter().enumerate() {
            let own = trace.spans.iter().filter(|span| span.service == number);
            let spans: Vec<_> = own.map(|span| otlp_span(trace, span)).collect();
            if spans.is_empty() {
                continue;
            }
            let name = json!({"key": "service.name", "value": {"stringValue": service}});
            let export = json!({"resourceSpans": [{
                "resource": {"attributes": [name]},
                "scopeSpans": [{"scope": {"name": "shop"}, "spans": spans}],
            }]});
            lines.push(format!("{export}\n"));
        }
    }
    lines
}

fn otlp_span(trace: &Trace, span: &Span) -> Value {
    let links: Vec<_> = span
        .links
        .iter()
        .map(|(trace, span)| json!({"traceId": format!("{trace:032x}"), "spanId": format!("{span:016x}")}))
        .collect();
    let status = match span.status {
        0 => json!({}),
        2 => json!({"code": 2, "message": "no"}),
        code => json!({"code": code}),
    };
    json!({
        "traceId": trace.id(), "spanId": span.id(),
        "parentSpanId": span.parent().unwrap_or_default(),
        "name": span.name, "kind": span.kind, "flags": 257,
        "startTimeUnixNano": span.start.to_string(), "endTimeUnixNano": span.end.to_string(),
        "attributes": [{"key": "shelf", "value": {"intValue": "7"}}],
        "events": [], "links": links, "status": status,
    })
}

/// One document, as Jaeger's API answers a search.
pub(super) fn jaeger(traces: &[Trace]) -> Vec<String> {
    let found = traces.iter().filter(|trace| !trace.spans.is_empty());
    let data: Vec<_> = found
        .map(|trace| {
            let spans: Vec<_> = trace.spans.iter().map(|span| jaeger_span(trace, span)).collect();
            let processes: serde_json::Map<_, _> = (1..)
                .zip(SERVICES)
                .map(|(number, service)| (format!("p{number}"), json!({"serviceName": service, "tags": []})))
                .collect();
            json!({"traceID": short(trace.id), "spans": spans, "processes": processes, "warnings": null})
        })
        .collect();
    let document = json!({"data": data, "total": 0, "limit": 0, "offset": 0, "errors": null});
    vec![format!("{document}\n")]
}

fn jaeger_span(trace: &Trace, span: &Span) -> Value {
    let reference = |kind: &str, trace: u128, span: u64| json!({"refType": kind, "traceID": short(trace), "spanID": format!("{span:016x}")});
    let above = (span.parent != 0).then(|| reference("CHILD_OF", trace.id, span.parent));
    let links = span
        .links
        .iter()
        .map(|&(trace, span)| reference("FOLLOWS_FROM", trace, span));
    let tag = |key: &str, value: &str| json!({"key": key, "type": "string", "value": value});
    let mut tags = vec![
        tag("otel.scope.name", "shop"),
        json!({"key": "shelf", "type": "int64", "value": 7}),
    ];
    let kinds = ["internal", "server", "client", "producer", "consumer"];
    if let Some(kind) = span.kind.checked_sub(1) {
        tags.push(tag("span.kind", kinds[kind]));
    }
    match span.status {
        0 => {}
        1 => tags.push(tag("otel.status_code", "OK")),
        _ => {
            tags.push(tag("otel.status_code", "ERROR"));
            tags.push(json!({"key": "error", "type": "bool", "value": true}));
            tags.push(tag("otel.status_description", "no"));
        }
    }
    json!({
        "traceID": short(trace.id), "spanID": span.id(), "operationName": span.name,
        "references": above.into_iter().chain(links).collect::<Vec<_>>(),
        "startTime": span.start / 1_000, "duration": (span.end - span.start) / 1_000,
        "tags": tags, "logs": [], "processID": format!("p{}", span.service + 1), "warnings": null,
    })
}

/// A trace's id as Jaeger writes it.
fn short(id: u128) -> String {
    match u64::try_from(id) {
        Ok(low) => format!("{low:016x}"),
        Err(_) => format!("{id:032x}"),
    }
}
