//! A record of our own that counts what was taken away, where no other record is left to
//! carry the count.

use std::fmt::Write;

use crate::record::Instant;

/// Records that were taken away and are not told yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) records: u64,
    /// The earliest and the latest time among them.
    pub(super) span: Option<(Instant, Instant)>,
}

impl Loss {
    /// Counts `records` more, of that time.
    pub(super) fn add(&mut self, records: u64, time: Option<Instant>) {
        self.records = self.records.saturating_add(records);
        if let Some(time) = time {
            let (from, to) = self.span.unwrap_or((time, time));
            self.span = Some((from.min(time), to.max(time)));
        }
    }

    /// Writes `{"dl":{"kind":"loss",…}}`; `by` is the field and its text that they share.
    pub(super) fn print(
        &self,
        stage: &str,
        rule: Option<&str>,
        by: Option<(&str, Option<&str>)>,
    ) -> Vec<u8> {
        let mut out = format!("{{\"dl\":{{\"kind\":\"loss\",\"stage\":\"{stage}\"");
        let mut member = |name: &str, value: serde_json::Value| {
            let _ = write!(out, ",\"{name}\":{value}");
        };
        if let Some(rule) = rule {
            member("rule", rule.into());
        }
        if let Some((field, key)) = by {
            member("by", field.into());
            member("key", key.into());
        }
        member("records", self.records.into());
        if let Some((from, to)) = self.span {
            member("from", from.to_rfc3339().into());
            member("to", to.to_rfc3339().into());
        }
        out.push_str("}}");
        out.into_bytes()
    }
}
