//! The request of a record, for who has only the record's canonical fields.

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
    Some(shown.unwrap_or(id))
}

/// What [`request`] may make of a record that has this id: itself, and how a trace is spelt, also
/// if the id is a decimal number of Datadog's.
pub fn spellings(id: &str) -> Vec<String> {
    let decimal = trace_of(Cow::Borrowed(id), Form::Decimal).map(|tree| tree.id);
    // With 16 digits it may be hexadecimal as well.
    let decimal = decimal.filter(|_| id.bytes().all(|byte| byte.is_ascii_digit()));
    let mut all = vec![id.to_owned()];
    for other in decimal.into_iter().chain(spelt(Cow::Borrowed(id))) {
        if !all.iter().any(|known| *known == other) {
            all.push(other.into_owned());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{Keys, Known, Schemes},
        *,
    };
    use crate::record::{Found, Reader};

    /// What stands in front of an id, in records of several schemas.
    const BEFORE: [&str; 4] = [
        "",
        r#""levelno":20,"created":1.5,"#,
        r#""level":30,"time":1,"msg":"x","#,
        r#""v":0,"level":30,"time":1,"name":"n","hostname":"h","msg":"x","#,
    ];

    proptest! {
        /// dl-filter, which reads canonical fields, and dl-tree, which reads many more, mean the
        /// same tree.
        #[test]
        fn filters_and_trees_agree(
            low in 1..=u64::MAX,
            high in any::<u64>(),
            before in 0..BEFORE.len(),
            form in 0..6_u8,
        ) {
            let full = format!("{high:016x}{low:016x}");
            let id = match form {
                0 => format!(r#""trace_id":"{full}","span_id":"00f067aa0ba902b7""#),
                1 => format!(r#""trace_id":"{low:016X}","span_id":"00f067aa0ba902b7""#),
                2 => format!(r#""traceId":"{full}","spanId":"00f067aa0ba902b7""#),
                3 => format!(r#""request_id":"id-{full}""#),
                _ if before > 1 => return Ok(()),
                4 => format!(r#""dd.trace_id":"{low}","dd.span_id":"7""#),
                _ => format!(r#""otelTraceID":"{full}","otelSpanID":"00f067aa0ba902b7""#),
            };
            let line = format!("{{{}{id}}}", BEFORE[before]);
            let mut reader = Reader::default();
            reader.canonical(Canonical::Tree);
            let keys = Keys::new(&Schemes::default(), &mut reader);
            let mut found = Found::default();
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            let tree = keys
                .of(&record, &mut Known::default())
                .next().map(|key| key.name().clone().into_owned());
            prop_assert!(tree.is_some());
            prop_assert_eq!(request(&record).map(Cow::into_owned), tree, "{}", line);
        }
    }

    #[test]
    fn a_decimal_number_is_looked_for_in_both_forms() {
        let decimal = "9210457302710617260";
        assert_eq!(spellings(decimal), [decimal, "7fd21e1e22f804ac"]);
        assert_eq!(spellings("7fd21e1e22f804ac"), ["7fd21e1e22f804ac"]);
        assert_eq!(spellings("order-7"), ["order-7"]);
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
        check(
            r#"{"dd.trace_id":"9210457302710617260","dd.span_id":"7"}"#,
            Some("7fd21e1e22f804ac"),
        );
        check(
            r#"{"dd":{"trace_id":9210457302710617260,"span_id":7}}"#,
            Some("7fd21e1e22f804ac"),
        );
        check(r#"{"dd.trace_id":"0"}"#, None);
        check(
            r#"{"levelno":20,"created":1.5,"trace_id":"7fd21e1e22f804ac"}"#,
            Some("7fd21e1e22f804ac"),
        );
        check(
            r#"{"levelno":20,"created":1.5,"otelTraceID":"6b003e24000000007fd21e1e22f804ac","otelSpanID":"1"}"#,
            Some("6b003e24000000007fd21e1e22f804ac"),
        );
        check(
            r#"{"levelno":20,"created":1.5,"request_id":"b1946ac9"}"#,
            Some("b1946ac9"),
        );
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
