//! Trace events, read as strictly as the viewers might. `trace_processor` itself is a binary that its
//! package fetches from the net, so it cannot be the judge here.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Trace<'a> {
    #[serde(rename = "displayTimeUnit")]
    _unit: &'a str,
    #[serde(borrow)]
    trace_events: Vec<Event<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event<'a> {
    ph: &'a str,
    name: String,
    #[serde(borrow)]
    ts: Option<&'a RawValue>,
    #[serde(borrow)]
    dur: Option<&'a RawValue>,
    pid: u32,
    tid: u32,
    cat: Option<String>,
    cname: Option<String>,
    id: Option<u64>,
    s: Option<String>,
    bp: Option<String>,
    args: Option<Map<String, Value>>,
}

/// An end of an arrow: which it is, its track, and when.
type End<'a> = (&'a str, (u32, u32), i128);

/// A complete event on its track.
type Span = (i128, i128);

pub(in super::super) fn chrome(out: &[u8]) -> Result<(), String> {
    crate::fmt::harm_of_json(out)?;
    let document: Trace<'_> = serde_json::from_slice(out).map_err(|error| error.to_string())?;
    let mut named: BTreeSet<(u32, u32)> = BTreeSet::new();
    let mut tracks: BTreeMap<(u32, u32), Vec<Span>> = BTreeMap::new();
    let mut ends: BTreeMap<u64, Vec<End<'_>>> = BTreeMap::new();
    for event in &document.trace_events {
        let track = (event.pid, event.tid);
        let name = event.args.as_ref().and_then(|args| args.get("name"));
        if event.ph == "M" {
            let is_track = match event.name.as_str() {
                "process_name" => event.tid == 0,
                "thread_name" => named.contains(&(event.pid, 0)),
                _ => false,
            };
            if !is_track || !name.is_some_and(Value::is_string) || !named.insert(track) {
                return Err(format!("metadata {}", event.name));
            }
            continue;
        }
        let start = nanos(event.ts.ok_or("no ts")?)?;
        if !named.contains(&track) {
            return Err(format!("{} stands on a track without a name", event.name));
        }
        match event.ph {
            "X" => {
                let length = nanos(event.dur.ok_or("no dur")?)?;
                let known = [None, Some("terrible"), Some("yellow")];
                if length < 0 || !known.contains(&event.cname.as_deref()) || event.args.is_none() {
                    return Err(format!("event {}", event.name));
                }
                tracks
                    .entry(track)
                    .or_default()
                    .push((start, start + length));
            }
            "i" if event.s.as_deref() == Some("t") => {}
            "s" | "f"
                if event.cat.is_some() && (event.ph == "s" || event.bp.as_deref() == Some("e")) =>
            {
                let id = event.id.ok_or("no id")?;
                ends.entry(id).or_default().push((event.ph, track, start));
            }
            other => return Err(format!("event of phase {other}")),
        }
    }
    for (track, spans) in &mut tracks {
        nested(spans).map_err(|wrong| format!("{wrong} on {track:?}"))?;
    }
    for (id, ends) in ends {
        let holds = |track: &(u32, u32), at: i128| {
            tracks
                .get(track)
                .is_some_and(|spans| spans.iter().any(|span| span.0 <= at && at <= span.1))
        };
        let is_bound = ends.iter().all(|(_, track, at)| holds(track, *at));
        if !matches!(ends[..], [("s", from, _), ("f", to, _)] if from.0 != to.0) || !is_bound {
            return Err(format!("arrow {id}: {ends:?}"));
        }
    }
    Ok(())
}

/// Of two events on a track one is inside of the other, or they do not touch.
fn nested(spans: &mut [Span]) -> Result<(), String> {
    spans.sort_by_key(|&(start, end)| (start, -end));
    let mut open: Vec<Span> = Vec::new();
    for &span in &*spans {
        open.retain(|over| over.1 > span.0);
        if let Some(over) = open.iter().find(|over| over.1 < span.1) {
            return Err(format!("{over:?} and {span:?} overlap"));
        }
        open.push(span);
    }
    Ok(())
}

/// Microseconds with up to three decimals.
fn nanos(number: &RawValue) -> Result<i128, String> {
    let text = number.get();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let wrong = || format!("the time {text}");
    if fraction.len() > 3 {
        return Err(wrong());
    }
    let digits = format!("{whole}{fraction:0<3}");
    digits.parse().map_err(|_| wrong())
}
