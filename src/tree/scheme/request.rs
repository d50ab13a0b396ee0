//! The request of a record, for who has only the record's canonical fields: what databases keep.
//! All that dl-tree knows is asked in [`super::Requests`].

use std::borrow::Cow;

use super::{
    TreeId,
    trace_id::{Form, trace_of},
};
use crate::record::{Canonical, Record};

/// The request that the record belongs to: where there is a scheme the tree that it names,
/// which is where `dl-tree` puts the record, else the canonical field. The reader has been
/// asked for [`Canonical::Tree`].
///
/// An id of nothing but zeros is none: that is how OpenTelemetry's producers write that there
/// is no trace.
pub fn request<'a>(record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
    let is_nil = |id: &str| id.bytes().all(|byte| matches!(byte, b'0' | b'-'));
    let text = record.text(Canonical::Tree).filter(|id| !is_nil(id))?;
    if matches!(record.schema(), Some("eliot" | "distlog" | "tree" | "node")) {
        return Some(text);
    }
    spelt(text)
}

/// The same trace however it is spelt, as far as the text alone tells.
fn spelt(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let TreeId { id, shown } = trace_of(text, Form::Any)?;
    Some(shown.unwrap_or_else(|| id.text()))
}

/// What [`request`] may make of a record that has this id: itself, and how a trace is spelt.
pub fn spellings(id: &str) -> Vec<String> {
    let mut all = vec![id.to_owned()];
    all.extend(spelt(Cow::Borrowed(id)).map(Cow::into_owned));
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Keys, Known, Schemes, flat::NAMES},
        *,
    };
    use crate::record::{Found, Reader};

    /// dl-filter, which reads canonical fields, and dl-tree, which reads many more, mean the same
    /// tree, whoever wrote the record.
    #[test]
    fn filters_and_trees_agree() {
        const PRODUCERS: [&str; 6] = [
            r#""message":"m""#,
            r#""levelno":20,"created":1.5"#,
            r#""level":30,"time":1,"msg":"m""#,
            r#""v":0,"level":30,"time":1,"name":"n","hostname":"h","msg":"m""#,
            r#""severity_number":9,"body":"m","resource":{"attributes":{}}"#,
            r#""message":"m","level":200,"level_name":"INFO","channel":"shop""#,
        ];
        const LOGURU: &str = r#""elapsed":{},"level":{"no":20},"message":"m""#;
        const GELF: &str = r#""version":"1.1","host":"h","short_message":"m""#;
        const TRACE: [&str; 13] = [
            "trace_id",
            "traceId",
            "traceID",
            "trace.id",
            "context.trace_id",
            "TraceId",
            "@tr",
            "otelTraceID",
            "logging.googleapis.com/trace",
            "X-B3-TraceId",
            "operation_Id",
            "contextMap.traceId",
            "extra.trace_id",
        ];
        let mut reader = Reader::default();
        reader.canonical(Canonical::Tree);
        let keys = Keys::new(&Schemes::default(), &mut reader);
        let mut found = Found::default();
        let mut check = |line: &str| {
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            let mut known = Known::default();
            let tree = keys.of(&record, &mut known).next();
            let tree = tree.map(|key| key.name().into_owned());
            assert!(tree.is_some(), "{line}");
            assert_eq!(request(&record).map(Cow::into_owned), tree, "{line}");
        };
        let id = "6b003e24000000007fd21e1e22f804ac";
        let other = "00000000000000007fd21e1e22f80fff";
        let ours = |name: &&&str| !name.starts_with('_') && !name.starts_with("record.");
        for producer in PRODUCERS {
            for name in TRACE.iter().chain(NAMES.iter().filter(ours)) {
                check(&format!(r#"{{{producer},"{name}":"{id}"}}"#));
                // Of several it is the same one.
                if *name != "request_id" {
                    check(&format!(
                        r#"{{"request_id":"{other}",{producer},"{name}":"{id}"}}"#
                    ));
                }
            }
        }
        let span = "05c48cf0ce2119a4";
        for header in [
            format!(r#""traceparent":"00-{id}-{span}-01""#),
            format!(r#""headers":{{"traceparent":"00-{id}-{span}-01"}}"#),
            format!(r#""b3":"{id}-{span}-1""#),
            format!(r#""uber-trace-id":"{id}:{span}:0:1""#),
        ] {
            for producer in PRODUCERS {
                check(&format!("{{{producer},{header}}}"));
            }
        }
        for name in ["trace_id", "otelTraceID", "request_id", "correlation_id"] {
            check(&format!(
                r#"{{"text":"m","record":{{{LOGURU},"extra":{{"{name}":"{id}"}}}}}}"#
            ));
        }
        for name in ["_trace_id", "_traceId", "_request_id", "_correlation_id"] {
            check(&format!(r#"{{{GELF},"{name}":"{id}"}}"#));
        }
    }

    #[test]
    fn a_record_belongs_to_the_request_that_its_producer_names() {
        let mut reader = Reader::default();
        reader.canonical(Canonical::Tree);
        let mut found = Found::default();
        let mut check = |line: &str, expect: Option<&str>| {
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            assert_eq!(request(&record).as_deref(), expect, "{line}");
        };
        check(r#"{"task_uuid":"a","task_level":[1,2]}"#, Some("a"));
        // Eliot forks by writing the same id with a longer level.
        check(r#"{"task_uuid":"a","task_level":[1,2,3,1]}"#, Some("a"));
        check(r#"{"levelno":20,"context":{"key":"3@a/1/2"}}"#, Some("a"));
        check(r#"{"levelno":20,"context":{"key":"3@None/1"}}"#, None);
        check(r#"{"ELIOT_TASK":"a","MESSAGE":"x"}"#, Some("a"));
        check(r#"{"trace_id":"a","span_id":"b"}"#, Some("a"));
        check(r#"{"request_id":7}"#, Some("7"));
        check(r#"{"dl":{"kind":"tree"},"tree":"a"}"#, Some("a"));
        check(r#"{"trace_id":"00000000000000000000000000000000"}"#, None);
        check(r#"{"otelTraceID":"0"}"#, None);
        check(r#"{"trace_id":"0x0000000000000000"}"#, None);
        let full = Some("6b003e24000000007fd21e1e22f804ac");
        check(r#"{"trace_id":"0x6B003E24000000007FD21E1E22F804AC"}"#, full);
        check(
            r#"{"xray_trace_id":"1-6b003e24-000000007fd21e1e22f804ac"}"#,
            full,
        );
        check(r#"{"trace_id":""}"#, None);
        check(r#"{"trace_id":null}"#, None);
        check(r#"{"message":"x"}"#, None);
    }
}
