//! OTLP in, OTLP out: what opentelemetry-proto reads of what we send is what it reads of what we got.

use std::fs;

use distlog::{
    decode::{
        format::Take,
        inflate::Bounds,
        otlp::{Answer, Encoding, Otlp, Signal, to_protobuf},
    },
    record::Lines,
    render::export::OtlpRequests,
};
use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest},
    trace::v1::Span,
};
use prost::Message;
use serde::{Serialize, de::DeserializeOwned};

use crate::support::{program, root};

/// All that a request of spans can say.
const SPANS: &str = r#"{"resourceSpans":[
{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"process.pid","value":{"intValue":"812"}},{"key":"big","value":{"intValue":"1152921504606846976"}}],"droppedAttributesCount":2},
 "scopeSpans":[
  {"scope":{"name":"pay","version":"1.2","attributes":[{"key":"a","value":{"boolValue":true}}],"droppedAttributesCount":1},"spans":[
   {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","traceState":"k=v","parentSpanId":"00f067aa0ba902b8","flags":257,"name":"POST /pay","kind":2,"startTimeUnixNano":"1795177854720638973","endTimeUnixNano":"1795177854720919930",
    "attributes":[{"key":"text","value":{"stringValue":"a \"ü\""}},{"key":"yes","value":{"boolValue":false}},{"key":"int","value":{"intValue":"-5"}},{"key":"half","value":{"doubleValue":0.5}},{"key":"two","value":{"doubleValue":2.0}},
     {"key":"list","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"x"},{"arrayValue":{"values":[]}}]}}},{"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"intValue":"7"}}]}}},{"key":"kind","value":{"stringValue":"of"}},{"key":"dotted.name","value":{"stringValue":""}}],
    "droppedAttributesCount":3,
    "events":[{"timeUnixNano":"1795177854720660485","name":"row","attributes":[{"key":"n","value":{"intValue":"1"}}],"droppedAttributesCount":4},{"timeUnixNano":"1795177854720660486","name":"end","attributes":[]}],
    "droppedEventsCount":5,
    "links":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4737","spanId":"00f067aa0ba902b9","traceState":"l=m","attributes":[{"key":"why","value":{"stringValue":"test"}}],"droppedAttributesCount":6,"flags":768}],
    "droppedLinksCount":7,"status":{"message":"no funds","code":2}},
   {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b8","name":"root","kind":3,"startTimeUnixNano":"1795177854720638973","endTimeUnixNano":"1795177854720638973","status":{"code":1}}]},
  {"scope":{"name":"db"},"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902ba","name":"select","startTimeUnixNano":"1795177854720638974","endTimeUnixNano":"1795177854720638975","status":{}}]}]},
{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"db"}}]},
 "scopeSpans":[{"scope":{"name":"db"},"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902bb","name":"row","kind":1,"startTimeUnixNano":"1795177854720638974","endTimeUnixNano":"1795177854720638975"}]}]}]}"#;

/// All that a request of log records can say.
const LOGS: &str = r#"{"resourceLogs":[
{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"host.name","value":{"stringValue":"web-1"}}]},
 "scopeLogs":[
  {"scope":{"name":"pay","version":"1.2"},"logRecords":[
   {"timeUnixNano":"1795177854715223296","observedTimeUnixNano":"1795177854715282621","severityNumber":17,"severityText":"Error!","eventName":"paid","body":{"stringValue":"no \"funds\""},
    "attributes":[{"key":"line","value":{"intValue":"40"}},{"key":"nested","value":{"kvlistValue":{"values":[{"key":"a","value":{"intValue":"1"}}]}}},{"key":"exception.stacktrace","value":{"stringValue":"Traceback"}},{"key":"ratio","value":{"doubleValue":1e-9}}],
    "droppedAttributesCount":1,"flags":3,"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"},
   {"observedTimeUnixNano":"1795177854715282622","body":{"kvlistValue":{"values":[{"key":"k","value":{"arrayValue":{"values":[{"intValue":"1"},{"doubleValue":2.5}]}}}]}}},
   {"timeUnixNano":"1795177854715282623","severityNumber":9,"severityText":"INFO","body":{"intValue":"7"},"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}]},
  {"scope":{"name":"db"},"logRecords":[{"timeUnixNano":"1795177854715282624","severityNumber":1,"body":{"stringValue":""}}]}]},
{"resource":{"attributes":[]},"scopeLogs":[{"scope":{},"logRecords":[{"timeUnixNano":"1795177854715282625","body":{"boolValue":true}}]}]}]}"#;

/// The records that dl-recv makes of a request.
fn records(signal: Signal, encoding: Encoding, body: &[u8]) -> Vec<Vec<u8>> {
    #[derive(Default)]
    struct Taken(Vec<Vec<u8>>);
    impl Take for Taken {
        fn record(&mut self, line: &[u8]) {
            self.0.push(line.to_owned());
        }

        fn reject(&mut self, _: &[u8], reason: &str) {
            panic!("{reason}");
        }

        fn note(&mut self, words: &'static str) {
            panic!("{words}");
        }
    }
    let mut taken = Taken::default();
    let mut otlp = Otlp::new(
        Bounds {
            bytes: 1 << 20,
            ratio: 200,
        },
        1 << 20,
    );
    let answer = otlp.take(signal, encoding, "", body, &mut taken);
    assert!(matches!(answer, Answer::Done), "{answer:?}");
    taken.0
}

/// What is sent of records: spans and log records.
fn sent<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> [Option<Vec<u8>>; 2] {
    let mut requests = OtlpRequests::default();
    for line in lines {
        requests.add(line).expect("a record");
    }
    requests.finish()
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> T {
    serde_json::from_slice(json).expect("OTLP/JSON")
}

/// A request comes back from its records, in both encodings on both ways.
fn check<T>(signal: Signal, request: &T)
where
    T: Message + Default + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let json = serde_json::to_vec(request).expect("JSON");
    for (encoding, body) in [
        (Encoding::Json, json),
        (Encoding::Protobuf, request.encode_to_vec()),
    ] {
        let records = records(signal, encoding, &body);
        let [spans, logs] = sent(records.iter().map(Vec::as_slice));
        let (wanted, other) = match signal {
            Signal::Traces => (spans, logs),
            Signal::Logs => (logs, spans),
        };
        let other = other.map(|other| String::from_utf8_lossy(&other).into_owned());
        assert_eq!(other, None);
        let wanted = wanted.expect("a request");
        assert_eq!(&parse::<T>(&wanted), request, "{encoding:?}");
        let packed = to_protobuf(signal, &wanted).expect("protobuf");
        assert_eq!(&T::decode(&packed[..]).expect("protobuf"), request);
    }
}

fn sample(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/data/samples").join(name)).expect("a sample")
}

#[test]
fn spans_come_out_as_they_came() {
    check(
        Signal::Traces,
        &parse::<ExportTraceServiceRequest>(SPANS.as_bytes()),
    );
    let sample = sample("otlp-http-traces.protobuf.bin");
    let sample = ExportTraceServiceRequest::decode(&sample[..]).expect("a request");
    assert!(!sample.resource_spans.is_empty());
    check(Signal::Traces, &sample);
}

#[test]
fn log_records_come_out_as_they_came() {
    check(
        Signal::Logs,
        &parse::<ExportLogsServiceRequest>(LOGS.as_bytes()),
    );
    let sample = sample("otlp-http-logs.protobuf.bin");
    let sample = ExportLogsServiceRequest::decode(&sample[..]).expect("a request");
    assert!(!sample.resource_logs.is_empty());
    check(Signal::Logs, &sample);
}

/// All spans of a request.
fn spans(request: &[u8]) -> Vec<Span> {
    let request: ExportTraceServiceRequest = parse(request);
    let scopes = request
        .resource_spans
        .into_iter()
        .flat_map(|of| of.scope_spans);
    scopes.flat_map(|of| of.spans).collect()
}

#[test]
fn the_console_says_what_the_exporter_says() {
    let wire = sample("otlp-http-traces.protobuf.bin");
    let wire = ExportTraceServiceRequest::decode(&wire[..]).expect("a request");
    let lines = sample("otel-console-spans-oneline.ndjson");
    let [console, logs] = sent(Lines::new(&lines));
    assert_eq!(logs, None);
    let console: ExportTraceServiceRequest = parse(&console.expect("spans"));
    let resource = |request: &ExportTraceServiceRequest| request.resource_spans[0].resource.clone();
    assert_eq!(resource(&console), resource(&wire));
    // It has microseconds and no flags, and leaves out what a status of its own says.
    let told = |request: ExportTraceServiceRequest| {
        let scopes = request
            .resource_spans
            .into_iter()
            .flat_map(|of| of.scope_spans);
        let spans = scopes.flat_map(|of| of.spans).map(|mut span| {
            let micros = |nanos: u64| (nanos + 500) / 1_000;
            span.flags = 0;
            span.start_time_unix_nano = micros(span.start_time_unix_nano);
            span.end_time_unix_nano = micros(span.end_time_unix_nano);
            for event in &mut span.events {
                event.time_unix_nano = micros(event.time_unix_nano);
            }
            for link in &mut span.links {
                link.flags = 0;
            }
            span
        });
        spans.collect::<Vec<_>>()
    };
    let (console, wire) = (told(console), told(wire));
    for span in &wire {
        let shown = || serde_json::to_string(&(span, &console)).expect("JSON");
        assert!(console.contains(span), "{}", shown());
    }
}

#[test]
fn the_console_says_what_the_exporter_says_of_logs() {
    let wire = sample("otlp-http-logs.protobuf.bin");
    let wire = ExportLogsServiceRequest::decode(&wire[..]).expect("a request");
    let lines = sample("otel-console-logs-oneline.ndjson");
    let [spans, console] = sent(Lines::new(&lines));
    assert_eq!(spans, None);
    let console: ExportLogsServiceRequest = parse(&console.expect("log records"));
    let told = |request: ExportLogsServiceRequest| {
        let resources = request.resource_logs.into_iter();
        let scopes = resources.flat_map(|of| of.scope_logs);
        let logs = scopes.flat_map(|of| of.log_records).map(|mut log| {
            // The console has doubles of seconds.
            log.time_unix_nano /= 1_000_000;
            log.observed_time_unix_nano /= 1_000_000;
            log
        });
        logs.collect::<Vec<_>>()
    };
    let (console, wire) = (told(console), told(wire));
    for log in &wire {
        let shown = || serde_json::to_string(&(log, &console)).expect("JSON");
        assert!(console.contains(log), "{}", shown());
    }
}

#[test]
fn spans_of_zipkin_and_jaeger_are_spans() {
    let lines = concat!(
        r#"{"traceId":"a3ce929d0e0e4736","id":"00f067aa0ba902b7","parentId":"00f067aa0ba902b8","name":"get /","kind":"SERVER","timestamp":1795177854720638,"duration":1503,"localEndpoint":{"serviceName":"shop","ipv4":"10.0.0.1"},"remoteEndpoint":{"serviceName":"web"},"annotations":[{"timestamp":1795177854720700,"value":"row"}],"tags":{"http.path":"/","error":"no funds"}}"#,
        "\n",
        r#"{"process":{"serviceName":"shop","tags":[{"key":"host.name","type":"string","value":"web-1"}]},"traceID":"a3ce929d0e0e4736","spanID":"f067aa0ba902b7","flags":1,"operationName":"pay","references":[{"refType":"FOLLOWS_FROM","traceID":"a3ce929d0e0e4736","spanID":"01"},{"refType":"CHILD_OF","traceID":"a3ce929d0e0e4736","spanID":"f067aa0ba902b8"}],"startTime":1795177854720638,"duration":7,"tags":[{"key":"span.kind","type":"string","value":"client"},{"key":"error","type":"bool","value":true},{"key":"otel.status_description","type":"string","value":"late"},{"key":"n","type":"int64","value":7},{"key":"otel.scope.name","type":"string","value":"lib"}],"logs":[{"timestamp":1795177854720640,"fields":[{"key":"event","type":"string","value":"row"},{"key":"n","type":"int64","value":1}]}],"processID":"p1","warnings":null}"#,
        "\n",
        // These are not known well enough.
        r#"{"traceId":"a3ce929d0e0e4736","id":"00f067aa0ba902b7","name":"begun","timestamp":1795177854720638,"localEndpoint":{"serviceName":"shop"}}"#,
        "\n",
        r#"{"traceId":"order 17","spanId":"00f067aa0ba902b7","name":"x","startTimeUnixNano":"1795177854720638000","endTimeUnixNano":"1795177854720638000"}"#,
        "\n",
    );
    let [found, logs] = sent(Lines::new(lines.as_bytes()));
    let logs: ExportLogsServiceRequest = parse(&logs.expect("log records"));
    assert_eq!(logs.resource_logs.len(), 2);
    let mut found = spans(&found.expect("spans")).into_iter();
    let expect = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[
{"traceId":"0000000000000000a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","parentSpanId":"00f067aa0ba902b8","name":"get /","kind":2,"startTimeUnixNano":"1795177854720638000","endTimeUnixNano":"1795177854722141000",
 "attributes":[{"key":"http.path","value":{"stringValue":"/"}},{"key":"error","value":{"stringValue":"no funds"}},{"key":"peer.service","value":{"stringValue":"web"}},{"key":"localEndpoint.ipv4","value":{"stringValue":"10.0.0.1"}}],
 "events":[{"timeUnixNano":"1795177854720700000","name":"row"}],"status":{"code":2,"message":"no funds"}},
{"traceId":"0000000000000000a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","parentSpanId":"00f067aa0ba902b8","flags":1,"name":"pay","kind":3,"startTimeUnixNano":"1795177854720638000","endTimeUnixNano":"1795177854720645000",
 "attributes":[{"key":"n","value":{"intValue":"7"}}],
 "events":[{"timeUnixNano":"1795177854720640000","name":"row","attributes":[{"key":"n","value":{"intValue":"1"}}]}],
 "links":[{"traceId":"0000000000000000a3ce929d0e0e4736","spanId":"0000000000000001","attributes":[{"key":"opentracing.ref_type","value":{"stringValue":"follows_from"}}]}],
 "status":{"code":2,"message":"late"}}]}]}]}"#;
    for expect in spans(expect.as_bytes()) {
        assert_eq!(found.next(), Some(expect));
    }
    assert_eq!(found.next(), None);
}

#[test]
fn a_span_of_zipkin_need_not_name_its_service() {
    let line = br#"{"traceId":"a3ce929d0e0e4736","id":"00f067aa0ba902b7","name":"get /","timestamp":1795177854720638,"duration":1503,"tags":{"error":"no funds"}}"#;
    let [found, logs] = sent([&line[..]]);
    assert_eq!(logs, None);
    let expect = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[
{"traceId":"0000000000000000a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"get /","startTimeUnixNano":"1795177854720638000","endTimeUnixNano":"1795177854722141000",
 "attributes":[{"key":"error","value":{"stringValue":"no funds"}}],"status":{"code":2,"message":"no funds"}}]}]}]}"#;
    assert_eq!(spans(&found.expect("a span")), spans(expect.as_bytes()));
}

#[test]
fn what_stands_beside_a_span_is_an_attribute_of_it() {
    let line = br#"{"service.name":"shop","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b8","name":"x","startTimeUnixNano":1795177854720638973,"endTimeUnixNano":"1795177854720638973","kind":"SPAN_KIND_CLIENT","attributes":{"int":7,"map":{"k":[1,null]},"none":{},"list":[{}],"env":"test"},"env":"prod","dl":{"recv":{"topic":"t"}}}"#;
    let [found, logs] = sent([&line[..]]);
    assert_eq!(logs, None);
    let expect = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[
{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b8","name":"x","kind":3,"startTimeUnixNano":"1795177854720638973","endTimeUnixNano":"1795177854720638973",
 "attributes":[{"key":"int","value":{"intValue":"7"}},{"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"arrayValue":{"values":[{"intValue":"1"},{}]}}}]}}},{"key":"none","value":{"kvlistValue":{"values":[]}}},{"key":"list","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[]}}]}}},{"key":"env","value":{"stringValue":"test"}},{"key":"env.2","value":{"stringValue":"prod"}},{"key":"dl.recv.topic","value":{"stringValue":"t"}}]}]}]}]}"#;
    let found: ExportTraceServiceRequest = parse(&found.expect("spans"));
    assert_eq!(found, parse(expect.as_bytes()));
}

#[test]
fn a_document_of_spans_goes_through_the_programs() {
    let records = program("dl-recv")
        .args(&["--format", "json", "-"])
        .stdin(SPANS)
        .output();
    let shown = program("dl-fmt")
        .args(&["--to", "otlp"])
        .stdin(&records)
        .output();
    let found: Vec<_> = Lines::new(&shown).flat_map(spans).collect();
    assert_eq!(found, spans(SPANS.as_bytes()));
}

#[test]
fn the_spans_of_a_tree_are_what_they_were() {
    let without = |mut request: ExportTraceServiceRequest| {
        let scopes = request
            .resource_spans
            .iter_mut()
            .flat_map(|of| &mut of.scope_spans);
        for scope in scopes {
            scope
                .spans
                .sort_by(|one, other| one.span_id.cmp(&other.span_id));
            for span in &mut scope.spans {
                span.attributes.retain(|of| !of.key.starts_with("dl."));
            }
        }
        request
            .resource_spans
            .sort_by_key(|of| format!("{:?}", of.resource));
        request
    };
    let records = records(Signal::Traces, Encoding::Json, SPANS.as_bytes());
    let trees = program("dl-tree").stdin(records.join(&b'\n')).output();
    let [found, logs] = sent(Lines::new(&trees));
    assert_eq!(logs, None);
    let found: ExportTraceServiceRequest = parse(&found.expect("spans"));
    let names: Vec<_> = found.resource_spans[0].scope_spans[0].spans[0]
        .attributes
        .iter()
        .map(|of| of.key.as_str())
        .filter(|name| name.starts_with("dl."))
        .collect();
    assert!(
        names.contains(&"dl.tree") && names.contains(&"dl.node"),
        "{names:?}"
    );
    assert_eq!(without(found), without(parse(SPANS.as_bytes())));
}

#[test]
fn the_log_records_of_a_tree_are_what_they_were() {
    let records = records(Signal::Logs, Encoding::Json, LOGS.as_bytes());
    let trees = program("dl-tree").stdin(records.join(&b'\n')).run().stdout;
    let [_, found] = sent(Lines::new(&trees));
    let logs = |request: &[u8]| {
        let request: ExportLogsServiceRequest = parse(request);
        let scopes = request
            .resource_logs
            .into_iter()
            .flat_map(|of| of.scope_logs);
        scopes.flat_map(|of| of.log_records).collect::<Vec<_>>()
    };
    let found = logs(&found.expect("log records"));
    let given = logs(LOGS.as_bytes());
    assert!(
        found.contains(&given[0]) && found.contains(&given[2]),
        "{found:#?}"
    );
}
