//! Records and trees of every odd kind, as lines.

use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::fmt::hostile;

/// A line, shown as what it says.
#[derive(Clone)]
pub(super) struct Line(pub(super) Vec<u8>);

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// A record or a tree.
pub(super) fn line() -> impl Strategy<Value = Line> {
    prop_oneof![2 => record().prop_map(Line), 3 => tree()]
}

/// What stands between quotes.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let words = select(vec![
        "get /",
        "order 17",
        "a;b",
        "x 1 2",
        "",
        " ",
        "é 日本",
        "_id",
        "id",
        "k=v",
        "NaN",
        "true",
        "-0",
        "7e3",
        "web:812",
        "&amp;",
        "<b>",
    ]);
    prop_oneof![3 => words.prop_map(|word| word.as_bytes().to_vec()), 1 => hostile()]
}

fn quoted() -> impl Strategy<Value = Vec<u8>> {
    text().prop_map(|text| [b"\"", text.as_slice(), b"\""].concat())
}

/// A value of any kind.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let odd = select(vec![
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1.50",
        "1e400",
        "-1E+400",
        "1e-400",
        "NaN",
        "Infinity",
        "-Infinity",
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775809",
        "18446744073709551616",
        "123456789012345678901234567890",
        "[]",
        "{}",
        "1e5",
    ]);
    let odd = odd.prop_map(|text| text.as_bytes().to_vec());
    let deep = (1..300_usize).prop_map(|depth| {
        format!("{}0{}", "[{\"d\":".repeat(depth), "}]".repeat(depth)).into_bytes()
    });
    let leaf = prop_oneof![4 => odd, 3 => quoted(), 1 => deep];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| list(b'[', &items, b']')),
            vec((quoted(), inner), 0..4).prop_map(|members| {
                let members: Vec<_> = members
                    .into_iter()
                    .map(|(key, value)| [key.as_slice(), b":", &value].concat())
                    .collect();
                list(b'{', &members, b'}')
            }),
        ]
    })
}

fn list(open: u8, items: &[Vec<u8>], close: u8) -> Vec<u8> {
    let mut out = vec![open];
    out.extend(items.join(&b','));
    out.push(close);
    out
}

/// A point in time as it may stand in a record or tree, or something else.
fn time() -> impl Strategy<Value = Vec<u8>> {
    let odd = select(vec![
        "\"1677-09-21T00:12:43.145224192Z\"",
        "\"2262-04-11T23:47:16.854775807Z\"",
        "\"1969-12-31T23:59:59.999Z\"",
        "\"1970-01-01T00:00:00Z\"",
        "\"yesterday\"",
        "\"\"",
        "-5",
        "0",
        "1e400",
        "null",
        "1795178340.123456789",
    ]);
    let usual = (0..40_u32, 0..3_u32).prop_map(|(tenths, nanos)| {
        format!(
            "\"2026-11-20T12:39:0{}.{}00000{nanos}Z\"",
            tenths / 10,
            tenths % 10
        )
    });
    prop_oneof![1 => odd.prop_map(str::to_owned), 6 => usual].prop_map(String::into_bytes)
}

fn seconds() -> impl Strategy<Value = Vec<u8>> {
    let odd = select(vec![
        "0", "-1.5", "1e308", "NaN", "1e-9", "4e9", "null", "0.000001",
    ]);
    let usual = (1..4_000_u32).prop_map(|millis| format!("{}", f64::from(millis) / 1e3));
    prop_oneof![1 => odd.prop_map(str::to_owned), 3 => usual].prop_map(String::into_bytes)
}

/// A record of one of several producers.
fn record() -> impl Strategy<Value = Vec<u8>> {
    const SHAPES: &[&str] = &[
        r#"{"time":¤,"level":"§","logger":"§","message":"§","host":"§","pid":#,"§":#,"§":#}"#,
        r#"{"task_uuid":"§","task_level":[1],"timestamp":¤,"action_type":"§","action_status":"started","§":#}"#,
        r#"{"task_uuid":"x","task_level":[3,4,2],"timestamp":¤,"message_type":"§","§":#,"exception":"§"}"#,
        r#"{"name":"§","levelno":40,"message":"§","created":¤,"hostname":"§","process":#,"exc_text":"§","context":{"key":"0@§/1","§":#},"dl":{"event":"end","status":"failed"}}"#,
        r#"{"traceId":"9a3f5b1c7d2e4f60a1b2c3d4e5f60718","spanId":"00000000000000a1","name":"§","kind":#,"startTimeUnixNano":¤,"attributes":[{"key":"§","value":{"stringValue":"§"}},{"key":"§","value":#}]}"#,
        r#"{"traceId":"§","id":"00000000000000a1","name":"§","timestamp":¤,"duration":7,"localEndpoint":{"serviceName":"§"},"tags":{"error":"§","§":"§","§":"§"}}"#,
        r#"{"traceId":"9a3f5b1c7d2e4f60a1b2c3d4e5f60718","spanId":"00000000000000a1","name":"§","kind":#,"startTimeUnixNano":"7","endTimeUnixNano":"1795178340123456789","attributes":{"§":#,"§":{"§":#}},"events":[{"name":"§","timeUnixNano":#}],"links":#,"status":{"code":#,"message":"§"},"§":#,"resource":#,"scope":{"name":"§","attributes":#}}"#,
        r#"{"context":{"trace_id":"0x9a3f5b1c7d2e4f60a1b2c3d4e5f60718","span_id":"0x00000000000000a1","trace_state":"§"},"name":"§","kind":#,"start_time":"2026-11-20T12:00:00Z","end_time":"2026-11-20T12:00:00Z","attributes":#,"events":#,"status":#,"resource":{"attributes":{"§":#}}}"#,
        r#"{"traceID":"a1","spanID":"a1","operationName":"§","startTime":7,"duration":7,"tags":[{"key":"§","type":"int64","value":#},{"key":"§","type":"float64","value":#},{"key":"otel.scope.name","value":#}],"process":{"serviceName":"§"},"logs":[{"fields":#}],"references":[{"traceID":"§","spanID":"a2"}]}"#,
        r#"{"timeUnixNano":#,"observedTimeUnixNano":"7","severityNumber":#,"severityText":"§","body":#,"attributes":[{"key":"§","value":#},{"key":"§","value":{"intValue":#}},{"key":"§","value":{"arrayValue":{"values":#}}},{"key":"§","value":{"kvlistValue":{"values":[{"key":"§","value":#}]}}}],"traceId":"§","spanId":"a1","resource":#}"#,
        r#"{"body":#,"severity_number":#,"attributes":#,"resource":#,"trace_id":#,"timestamp":¤}"#,
        r#"{"trace_id":"§","span_id":"00000000000000A2","time":¤,"msg":#,"err":#}"#,
        r#"{"dl":{"kind":"tree"},"tree":"§","status":"failed","nodes":3}"#,
        r#"{"§":#,"§":#,"§":#}"#,
    ];
    (select(SHAPES), vec(text(), 6), vec(value(), 4), time())
        .prop_map(|(shape, texts, values, time)| fill(shape, &texts, &values, &time))
}

fn fill(shape: &str, texts: &[Vec<u8>], values: &[Vec<u8>], time: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut text, mut value) = (0, 0);
    for c in shape.chars() {
        match c {
            '§' => {
                out.extend_from_slice(&texts[text % texts.len()]);
                text += 1;
            }
            '#' => {
                out.extend_from_slice(&values[value % values.len()]);
                value += 1;
            }
            '¤' => out.extend_from_slice(time),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}

/// A member, if it is there.
fn member(
    name: &'static str,
    value: impl Strategy<Value = Vec<u8>>,
) -> impl Strategy<Value = Vec<u8>> {
    option::weighted(0.7, value).prop_map(move |value| {
        let value = value.map(|value| [b"\"", name.as_bytes(), b"\":", &value, b","].concat());
        value.unwrap_or_default()
    })
}

fn words(of: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    select(of).prop_map(|word| format!("\"{word}\"").into_bytes())
}

/// All members of a node but its records and children.
fn facts() -> impl Strategy<Value = Vec<u8>> {
    let ids = words(&[
        "/",
        "/1",
        "/1/2",
        "00000000000000a1",
        "0000000000000000",
        "x",
        "",
    ]);
    let flags = select(
        &[
            "[]",
            "[\"inferred\"]",
            "[\"start_missing\",\"late\"]",
            "[\"duplicate\"]",
        ][..],
    );
    let flags = flags.prop_map(|flags| flags.as_bytes().to_vec());
    let first = (
        member("node", ids),
        member("name", quoted()),
        member(
            "status",
            words(&["succeeded", "failed", "running", "unknown", "odd"]),
        ),
        member("flags", flags),
        member("edge", words(&["join", "tree"])),
        member("start", time()),
        member("end", time()),
        member("duration", seconds()),
    );
    let second = (
        member("self", seconds()),
        member("critical", seconds()),
        member(
            "process",
            prop_oneof![words(&["web:1", "db:2", "vm", "7"]), quoted()],
        ),
        member("host", prop_oneof![words(&["vm", "one"]), quoted()]),
        member("exception", quoted()),
        member(
            "after",
            select(&["0", "1", "2", "99"][..]).prop_map(|after| after.as_bytes().to_vec()),
        ),
        member("scheme", words(&["eliot", "trace"])),
    );
    (first, second).prop_map(|(a, b)| {
        [
            a.0, a.1, a.2, a.3, a.4, a.5, a.6, a.7, b.0, b.1, b.2, b.3, b.4, b.5, b.6,
        ]
        .concat()
    })
}

/// A tree.
pub(super) fn tree() -> impl Strategy<Value = Line> {
    let leaf =
        (facts(), vec(record(), 0..3)).prop_map(|(facts, records)| node(&facts, &records, &[]));
    let nodes = leaf.prop_recursive(5, 24, 4, |inner| {
        (facts(), vec(record(), 0..3), vec(inner, 0..4))
            .prop_map(|(facts, records, children)| node(&facts, &records, &children))
    });
    let head = (
        member(
            "tree",
            prop_oneof![
                words(&[
                    "9a3f5b1c7d2e4f60a1b2c3d4e5f60718",
                    "37140fb7-5f80-fc14-d3d5-ccb5b8e92654",
                    "x/1"
                ]),
                quoted()
            ],
        ),
        member("scheme", words(&["trace", "eliot", "distlog", "flat"])),
        member("status", words(&["succeeded", "failed", "running"])),
        member("start", time()),
        member("end", time()),
        member("duration", seconds()),
        member(
            "skew",
            select(&[r#"[{"from":"a","to":"b","min":1,"violations":1}]"#, "[]"][..])
                .prop_map(|skew| skew.as_bytes().to_vec()),
        ),
    );
    (head, nodes).prop_map(|(h, root)| {
        let head = [h.0, h.1, h.2, h.3, h.4, h.5, h.6].concat();
        let kind = br#"{"dl":{"kind":"tree"},"#.as_slice();
        Line([kind, &head, b"\"root\":", &root, b"}"].concat())
    })
}

fn node(facts: &[u8], records: &[Vec<u8>], children: &[Vec<u8>]) -> Vec<u8> {
    let records = list(b'[', records, b']');
    let children = list(b'[', children, b']');
    [
        b"{",
        facts,
        b"\"records\":",
        &records,
        b",\"children\":",
        &children,
        b"}",
    ]
    .concat()
}
