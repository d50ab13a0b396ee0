//! Spans as the specification of Zipkin's API has them, with nothing else in them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::jaeger::is_hex;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Span {
    trace_id: String,
    id: String,
    parent_id: Option<String>,
    name: String,
    kind: Option<String>,
    timestamp: Option<u64>,
    duration: Option<u64>,
    local_endpoint: Endpoint,
    #[serde(default)]
    annotations: Vec<Annotation>,
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Endpoint {
    service_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Annotation {
    timestamp: u64,
    value: String,
}

pub(in super::super) fn zipkin(out: &[u8]) -> Result<(), String> {
    crate::fmt::harm_of_json(out)?;
    let spans: Vec<Span> = serde_json::from_slice(out).map_err(|error| error.to_string())?;
    for span in spans {
        let ids = is_hex(&span.trace_id, 32) && is_hex(&span.id, 16);
        let parent = span.parent_id.as_ref().is_none_or(|id| is_hex(id, 16));
        let kinds = [
            None,
            Some("CLIENT"),
            Some("SERVER"),
            Some("PRODUCER"),
            Some("CONSUMER"),
        ];
        let times = span.timestamp != Some(0) && span.duration != Some(0);
        let notes = span
            .annotations
            .iter()
            .all(|note| note.timestamp > 0 && !note.value.contains('\n'));
        let names = !span.name.is_empty() && !span.local_endpoint.service_name.is_empty();
        let failed = span.tags.contains_key("error");
        let says = span
            .tags
            .get("dl.status")
            .is_some_and(|status| status == "failed");
        if !(ids && parent && kinds.contains(&span.kind.as_deref()) && times && notes && names)
            || failed != says
        {
            return Err(format!("{span:?}"));
        }
    }
    Ok(())
}
