//! Counts as a record, as a line for a terminal, and as text for Prometheus.

use std::{
    collections::BTreeMap,
    fmt::Write,
    time::{Duration, Instant},
};

use serde_json::{Map, Value, json};

use super::{
    super::{Program, RecvArgs, dropping::Dropped},
    Buffers,
};
use crate::cli::{
    common::now,
    ledger::plural,
    meters::{Counts, Meters},
    spool::Depth,
};

/// Reports on counts, each time on what has changed since the last time.
pub(super) struct Reporter {
    before: BTreeMap<String, Counts>,
    at: Instant,
}

impl Reporter {
    pub(super) fn new() -> Self {
        Self {
            before: BTreeMap::new(),
            at: Instant::now(),
        }
    }

    /// A record, with its newline: `dl.kind` is `stats`. Rates are those since the last one.
    pub(super) fn record(&mut self, meters: &Meters, buffers: &Buffers) -> String {
        let interval = self.at.elapsed();
        self.at = Instant::now();
        let counts = meters.now();
        let zero = Counts::default();
        let mut sources = Vec::new();
        let (mut records, mut bytes, mut rejected, mut before) = (0, 0, 0, 0);
        for (name, counts) in &counts {
            let earlier = self.before.get(name).unwrap_or(&zero);
            records += counts.records;
            bytes += counts.bytes;
            rejected += counts.rejected.lines();
            before += earlier.records;
            let mut source = Map::new();
            source.insert("source".into(), name.as_str().into());
            source.insert("records".into(), counts.records.into());
            source.insert("bytes".into(), counts.bytes.into());
            source.insert(
                "records_per_second".into(),
                rate(counts.records - earlier.records, interval),
            );
            source.insert(
                "bytes_per_second".into(),
                rate(counts.bytes - earlier.bytes, interval),
            );
            let reasons = counts
                .rejected
                .iter()
                .map(|(reason, lines)| (reason.to_owned(), Value::from(lines)))
                .collect();
            source.insert("rejected".into(), Value::Object(reasons));
            if let Some(lag) = counts.lag {
                source.insert("lag".into(), thousandths(lag));
            }
            sources.push(Value::Object(source));
        }
        let per_second = rate(records - before, interval);
        let mut stats = json!({
            "program": RecvArgs::NAME,
            "pid": std::process::id(),
            "uptime": thousandths(meters.age().as_secs_f64()),
            "interval": thousandths(interval.as_secs_f64()),
            "records": records,
            "bytes": bytes,
            "rejected": rejected,
            "records_per_second": per_second,
            "sources": sources,
        });
        if let Some(spool) = &buffers.spool {
            stats["spooled_bytes"] = spool.bytes().into();
        }
        if let Some(drops) = &buffers.drops {
            stats["dropped"] = drops.records().into();
        }
        self.before = counts;
        // `message` makes it a record like any other for who looks at it.
        let record = json!({
            "time": now().to_string(),
            "level": "INFO",
            "message": format!("{}: {}, {per_second} a second", RecvArgs::NAME, plural(records, "record")),
            "dl": { "kind": "stats", "stats": stats },
        });
        format!("{record}\n")
    }
}

/// A count a second, to a tenth.
fn rate(count: u64, time: Duration) -> Value {
    let seconds = time.as_secs_f64();
    if seconds <= 0.0 {
        return 0.into();
    }
    #[allow(clippy::cast_precision_loss)] // 2^53 records are not counted in one run.
    let rate = (count as f64 / seconds * 10.0).round() / 10.0;
    rate.into()
}

fn thousandths(seconds: f64) -> Value {
    ((seconds * 1000.0).round() / 1000.0).into()
}

/// The counts in the text format of Prometheus, version 0.0.4.
pub(super) fn prometheus(meters: &Meters, buffers: &Buffers) -> String {
    let counts = meters.now();
    let mut text = String::new();
    let mut metric = |name: &str, kind: &str, help: &str, lines: &[(String, String)]| {
        if lines.is_empty() {
            return;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP distlog_recv_{name} {help}");
        let _ = writeln!(text, "# TYPE distlog_recv_{name} {kind}");
        for (labels, value) in lines {
            let _ = writeln!(text, "distlog_recv_{name}{labels} {value}");
        }
    };
    let each = |value: &dyn Fn(&Counts) -> Option<String>| -> Vec<_> {
        let lines = counts.iter().filter_map(|(source, counts)| {
            Some((format!("{{source=\"{}\"}}", label(source)), value(counts)?))
        });
        lines.collect()
    };
    metric(
        "records_total",
        "counter",
        "Records that were passed on.",
        &each(&|counts| Some(counts.records.to_string())),
    );
    metric(
        "bytes_total",
        "counter",
        "Bytes of messages and lines, without what frames them.",
        &each(&|counts| Some(counts.bytes.to_string())),
    );
    let rejected = counts.iter().flat_map(|(source, counts)| {
        counts.rejected.iter().map(move |(reason, lines)| {
            let labels = format!(
                "{{source=\"{}\",reason=\"{}\"}}",
                label(source),
                label(reason)
            );
            (labels, lines.to_string())
        })
    });
    metric(
        "rejected_total",
        "counter",
        "Lines and messages that are no records.",
        &rejected.collect::<Vec<_>>(),
    );
    metric(
        "lag_seconds",
        "gauge",
        "How long before it was received the last record was made.",
        &each(&|counts| counts.lag.map(|lag| thousandths(lag).to_string())),
    );
    metric(
        "uptime_seconds",
        "gauge",
        "For how long the program has run.",
        &[(
            String::new(),
            thousandths(meters.age().as_secs_f64()).to_string(),
        )],
    );
    let one = |value: Option<u64>| value.map(|value| (String::new(), value.to_string()));
    metric(
        "spooled_bytes",
        "gauge",
        "Bytes of records that wait in the spool.",
        one(buffers.spool.as_ref().map(Depth::bytes)).as_slice(),
    );
    metric(
        "dropped_total",
        "counter",
        "Records that were dropped because the output was too slow.",
        one(buffers.drops.as_ref().map(Dropped::records)).as_slice(),
    );
    text
}

/// The value of a label, without its quotes.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_end_early() {
        let meters = Meters::default();
        meters.know("a\"} 1\n\\");
        let text = prometheus(&meters, &Buffers::default());
        assert!(
            text.contains("distlog_recv_records_total{source=\"a\\\"} 1\\n\\\\\"} 0\n"),
            "{text}"
        );
        assert!(!text.contains("spooled"), "{text}");
    }

    #[test]
    fn rates_are_those_since_the_last_record() {
        let (meters, mut reporter) = (Meters::default(), Reporter::new());
        let counts = Counts {
            records: 10,
            ..Counts::default()
        };
        let record = |reporter: &mut Reporter| -> Value {
            serde_json::from_str(&reporter.record(&meters, &Buffers::default())).expect("JSON")
        };
        meters.add("a", &counts);
        let first = record(&mut reporter);
        let second = record(&mut reporter);
        assert_eq!(second["dl"]["stats"]["records"], 10, "{first}");
        assert_ne!(first["dl"]["stats"]["records_per_second"], 0.0, "{first}");
        assert_eq!(second["dl"]["stats"]["records_per_second"], 0.0, "{second}");
    }
}
