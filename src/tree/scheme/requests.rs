//! The requests of records as all schemes tell them, for who selects records and builds no trees.
//!
//! It is the tree that a record names first, which is where `dl-tree` puts the record. That a
//! record may name several trees, which `dl-tree` joins, is for who asks for all of them.

use std::borrow::Cow;

use super::{
    Key, Keys, Known, Schemes,
    announced::{full_trace_of_task, task_of_trace, trace_of_task},
    request,
    span::TRACE,
    trace_id::{Form, is_usual, trace_of},
};
use crate::record::{Canonical, Reader, Record};

/// Tells the requests of the records of a reader.
pub struct Requests {
    keys: Keys,
    /// The family of the scheme of plain ids.
    flat: Option<u8>,
    /// Those of tasks of distlog and of traces.
    tasks: Option<u8>,
    traces: Option<u8>,
}

impl std::fmt::Debug for Requests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Requests").finish_non_exhaustive()
    }
}

impl Requests {
    /// Asks `reader` for the fields of all schemes.
    pub fn ask(reader: &mut Reader) -> Self {
        reader.canonical(Canonical::Tree);
        let schemes = Schemes::default();
        let family = |name| Keys::family(&schemes, name);
        Self {
            keys: Keys::new(&schemes, reader),
            flat: family("flat"),
            tasks: family("distlog"),
            traces: family(TRACE),
        }
    }

    /// What is compared of the request that a record belongs to; of a trace that is the lower
    /// half of its id. Equal texts are one request here, whatever their schemes.
    pub fn of<'a>(&self, record: &Record<'a, '_>, known: &mut Known) -> Option<Cow<'a, str>> {
        if is_tree(record) {
            return request(record).map(compared);
        }
        let key = self.keys.of(record, known).next()?;
        Some(compared(key.id.text()))
    }

    /// What is compared of a request if another producer knows it: a task of distlog is a trace to the spans that
    /// it has called, and takes the id of the trace that has called it.
    pub fn twin(&self, record: &Record<'_, '_>, known: &mut Known) -> Option<String> {
        if is_tree(record) {
            return None;
        }
        let key = self.keys.of(record, known).next()?;
        let family = Some(key.family);
        if family == self.tasks {
            trace_of_task(&key.id.text())
        } else if family == self.traces {
            task_of_trace(&key.shown?)
        } else {
            None
        }
    }

    /// What the request is called, the same for all that have been written in full. A counter
    /// is called so in every process.
    pub fn name<'a>(&self, record: &Record<'a, '_>, known: &mut Known) -> Option<Cow<'a, str>> {
        if is_tree(record) {
            return request(record);
        }
        let key = self.keys.of(record, known).next()?;
        let is_flat = Some(key.family) == self.flat;
        let plain = || record.text(Canonical::Tree).filter(|_| is_flat);
        Some(plain().unwrap_or_else(|| key.name()))
    }

    /// The same, and of a task of distlog what it is called by the spans that it has called, or that have called it:
    /// each record of the two tells the one by itself. The reader has been asked for [`Canonical::Type`], too.
    pub fn common_name<'a>(
        &self,
        record: &Record<'a, '_>,
        known: &mut Known,
    ) -> Option<Cow<'a, str>> {
        let name = self.name(record, known)?;
        let is_task = if is_tree(record) {
            record.text(Canonical::Type).as_deref() == Some("distlog")
        } else {
            let key = self.keys.of(record, known).next();
            key.map(|key| key.family) == self.tasks
        };
        let trace = is_task.then(|| full_trace_of_task(&name)).flatten();
        Some(trace.map_or(name, Cow::Owned))
    }

    /// Whether the request of a record, as [`Requests::of`] has it, is one of those that are wanted. `other` is told of
    /// a record of one of those the others that it names as well, so that `dl-tree` makes one tree of all, and of any
    /// other record all that it names.
    pub fn judge(
        &self,
        record: &Record<'_, '_>,
        known: &mut Known,
        is_wanted: impl Fn(&str) -> bool,
        mut other: impl FnMut(bool, &str),
    ) -> Option<bool> {
        if is_tree(record) {
            return request(record).map(|id| is_wanted(&compared(id)));
        }
        let mut keys = self.keys.of(record, known);
        let own = keys.next()?;
        let id = compared(own.id.text());
        if !is_wanted(&id) {
            other(false, &id);
            for key in keys {
                other(false, &compared(key.id.text()));
            }
            return Some(false);
        }
        let joins = |key: &Key<'_>| key.also || key.family != own.family;
        let mut others = keys.filter(joins).peekable();
        // Most records name one request.
        if others.peek().is_none() {
            return Some(true);
        }
        // A scope of distlog's names its trace, of which the tree has the id; and that of a scope of
        // BQNT's begins with the tree's.
        let text = own.id.text();
        let bare = text.replace('-', "");
        let is_own = |id: &str| bare.ends_with(id) || id.starts_with(&*text);
        for key in others {
            let id = compared(key.id.text());
            if !is_wanted(&id) && !is_own(&id) {
                other(true, &id);
            }
        }
        Some(true)
    }

    /// True if the record names any of these requests, as [`super::meant`] has them.
    pub fn names_any(&self, record: &Record<'_, '_>, wanted: impl Fn(&str) -> bool) -> bool {
        if is_tree(record) {
            return request(record).is_some_and(|id| wanted(&compared(id)));
        }
        // A user may have read it in the record.
        let as_written = record.text(Canonical::Tree);
        let is_meant = |key: &Key<'_>| wanted(&compared(key.id.text())) || wanted(&key.name());
        as_written.is_some_and(|id| wanted(&id)) || self.keys.any(record, is_meant)
    }
}

fn is_tree(record: &Record<'_, '_>) -> bool {
    matches!(record.schema(), Some("tree" | "node"))
}

/// The id of a trace as traces are compared, and any other as it is.
fn compared(id: Cow<'_, str>) -> Cow<'_, str> {
    if !is_usual(&id) {
        return id;
    }
    trace_of(id.clone(), Form::Any).map_or(id, |tree| tree.id.text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Found;

    const FULL: &str = "6b003e24000000007fd21e1e22f804ac";
    const LOW: &str = "7fd21e1e22f804ac";

    #[test]
    fn a_request_is_what_every_scheme_says() {
        let mut reader = Reader::default();
        let requests = Requests::ask(&mut reader);
        let mut found = Found::default();
        let mut check = |line: &str, of: Option<&str>, name: Option<&str>| {
            let line = line.replace("FULL", FULL);
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            let known = &mut Known::default();
            assert_eq!(requests.of(&record, known).as_deref(), of, "{line}");
            assert_eq!(requests.name(&record, known).as_deref(), name, "{line}");
            let is = |id: &str| Some(id) == of;
            assert_eq!(requests.names_any(&record, is), of.is_some(), "{line}");
        };
        let full = (Some(LOW), Some(FULL));
        for line in [
            r#"{"trace_id":"0xFULL","span_id":"0x05c48cf0ce2119a4"}"#,
            r#"{"context":{"trace_id":"0xFULL","span_id":"0x05c48cf0ce2119a4"},"name":"x"}"#,
            r#"{"Scopes":[{"TraceId":"FULL"}]}"#,
            r#"{"logging.googleapis.com/trace":"projects/p/traces/FULL"}"#,
            r#"{"xray_trace_id":"1-6b003e24-000000007fd21e1e22f804ac"}"#,
            r#"{"dl":{"kind":"tree"},"tree":"FULL"}"#,
        ] {
            check(line, full.0, full.1);
        }
        let low = Some(LOW);
        check(r#"{"dd":{"trace_id":"9210457302710617260"}}"#, low, low);
        let bqnt = Some("aeb355");
        check(r#"{"trace_id":"aeb355.73","event":"error"}"#, bqnt, bqnt);
        let root = Some("4bf92f35");
        check(r#"{"activity_id":"|4bf92f35.1.8a3f2c1b_"}"#, root, root);
        let roarr = Some("a:7:3");
        check(
            r#"{"sequence":"3.0","context":{"hostname":"a","pid":7}}"#,
            roarr,
            roarr,
        );
        let spans = Some("get{id=7}");
        check(
            r#"{"target":"t","span":{"id":7,"name":"get"},"spans":[{"id":7,"name":"get"}]}"#,
            spans,
            spans,
        );
        check(
            r#"{"reqId":"req-1","service":"shop"}"#,
            Some("req-1@shop"),
            Some("req-1"),
        );
        check(
            r#"{"task_uuid":"a","task_level":[1],"trace_id":"FULL"}"#,
            Some("a"),
            Some("a"),
        );
        for none in [
            r#"{"otelTraceID":"0"}"#,
            r#"{"trace_id":"0x0000000000000000"}"#,
            r#"{"trace_id":""}"#,
            r#"{"trace_id":"-"}"#,
            r#"{"request_id":"None"}"#,
            r#"{"message":"x"}"#,
        ] {
            check(none, None, None);
        }
        let other = Some("b1946ac9-2c4f");
        check(
            r#"{"otelTraceID":"0","request_id":"b1946ac9-2c4f"}"#,
            other,
            other,
        );
    }

    #[test]
    fn a_record_may_name_other_requests() {
        let mut reader = Reader::default();
        let requests = Requests::ask(&mut reader);
        let mut found = Found::default();
        let mut check = |line: &str, own: &str, expect: bool| {
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            let mut others = 0;
            let known = &mut Known::default();
            let judged = requests.judge(&record, known, |id| id == own, |_, _| others += 1);
            assert_eq!((judged, others > 0), (Some(true), expect), "{line}");
            // To who wants none of them all are others.
            let mut all = Vec::new();
            let none = requests.judge(&record, known, |_| false, |_, id| all.push(id.to_owned()));
            assert_eq!(none, Some(false), "{line}");
            assert_eq!(all.first().map(|id| &**id), Some(own), "{line}");
        };
        let both = r#"{"trace_id":"7fd21e1e22f804ac","request_id":"b1946ac9-2c4f"}"#;
        check(both, "7fd21e1e22f804ac", true);
        check(
            r#"{"trace_id":"7fd21e1e22f804ac","dd.trace_id":"7"}"#,
            "7fd21e1e22f804ac",
            false,
        );
        let key = "0@6b003e24-0000-0000-7fd2-1e1e22f804ac";
        let traceparent = "00-6b003e24000000007fd21e1e22f804ac-05c48cf0ce2119a4-01";
        check(
            &format!(
                r#"{{"levelno":20,"context":{{"key":"{key}","traceparent":"{traceparent}"}}}}"#
            ),
            "6b003e24-0000-0000-7fd2-1e1e22f804ac",
            false,
        );
    }

    #[test]
    fn a_task_is_a_trace_to_what_it_calls() {
        let mut reader = Reader::default();
        let requests = Requests::ask(&mut reader);
        let mut found = Found::default();
        let mut check = |line: &str, twin: Option<&str>| {
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            let found = requests.twin(&record, &mut Known::default());
            assert_eq!(found.as_deref(), twin, "{line}");
        };
        let task = "6b003e24-0000-0000-7fd2-1e1e22f804ac";
        let scope = format!(r#"{{"levelno":20,"context":{{"key":"3@{task}/1/2"}}}}"#);
        check(&scope, Some(LOW));
        check(r#"{"levelno":20,"context":{"key":"3@a/1/2"}}"#, None);
        check(&format!(r#"{{"trace_id":"{FULL}"}}"#), Some(task));
        // Half of an id says nothing of the rest.
        check(&format!(r#"{{"trace_id":"{LOW}"}}"#), None);
        let eliot = format!(r#"{{"task_uuid":"{task}","task_level":[1]}}"#);
        check(&eliot, None);
        check(&format!(r#"{{"request_id":"{task}"}}"#), None);
        check(r#"{"message":"x"}"#, None);
    }

    #[test]
    fn a_task_is_called_as_the_trace_that_it_is() {
        let mut reader = Reader::default();
        reader.canonical(Canonical::Type);
        let requests = Requests::ask(&mut reader);
        let mut found = Found::default();
        let mut check = |line: &str, expect: Option<&str>| {
            let line = line.replace("TASK", "6b003e24-0000-0000-7fd2-1e1e22f804ac");
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            let name = requests.common_name(&record, &mut Known::default());
            assert_eq!(name.as_deref(), expect, "{line}");
        };
        let task = Some("6b003e24-0000-0000-7fd2-1e1e22f804ac");
        let full = Some(FULL);
        check(r#"{"levelno":20,"context":{"key":"3@TASK/1/2"}}"#, full);
        check(&format!(r#"{{"trace_id":"{FULL}"}}"#), full);
        let tree =
            |scheme| format!(r#"{{"dl":{{"kind":"tree"}},"tree":"TASK","scheme":"{scheme}"}}"#);
        check(&tree("distlog"), full);
        check(&tree("eliot"), task);
        check(r#"{"task_uuid":"TASK","task_level":[1]}"#, task);
        check(r#"{"levelno":20,"context":{"key":"3@a/1/2"}}"#, Some("a"));
        check(r#"{"message":"x"}"#, None);
    }
}
