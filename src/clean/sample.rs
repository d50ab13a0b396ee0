//! Sampling: a share of all records, whole trees at a time.
//!
//! A record is kept if `XXH64(text, seed 0) < floor(share × 2^64)`, where `text` is the UTF-8
//! text of its field; that of a tree is its id as `dl-tree` has it, which traces have in one spelling, and so have
//! tasks of distlog, which are traces to others. Nothing else goes into the decision, so it is the same for all records
//! of a tree, on every machine, in every run and every version, and a smaller share keeps a
//! part of what a larger one keeps. In Python: `xxhash.xxh64(text).intdigest()`.
//!
//! A record without the field belongs to nothing that could be kept whole: it is kept.

use std::sync::Arc;

use twox_hash::XxHash64;

use super::{
    Wrong,
    field::{By, Wanted},
    ratio::Ratio,
};
use crate::{
    record::{Canonical, Cursor, Found, Kind, Malformed, Reader, Stamper, Value},
    tree::Known,
};

/// Keeps a share of the records. A clone decides in the same way.
#[derive(Debug)]
pub struct Sampler {
    share: f64,
    threshold: u128,
    by: By,
    /// The reader and what it was asked for, shared by clones.
    wanted: Arc<(Reader, Wanted)>,
    found: Found,
    known: Known,
    stamper: Stamper,
}

impl Sampler {
    /// Reads a share, `1/100`, `0.01` or `1%`, and the field that decides, mostly `tree`.
    pub fn parse(share: &str, by: &str) -> Result<Self, Wrong> {
        let ratio = Ratio::parse(share)?;
        let by = By::parse(by)?;
        let mut reader = Reader::default();
        reader.canonical(Canonical::Type);
        let wanted = by.want(&mut reader);
        Ok(Self {
            share: ratio.as_f64(),
            threshold: ratio.threshold(),
            by,
            wanted: Arc::new((reader, wanted)),
            found: Found::default(),
            known: Known::default(),
            stamper: Stamper::new("sample"),
        })
    }

    /// Appends `line` to `out` if it is in the sample, without a newline, and says whether it
    /// is. The share is told in band: `"dl":{"sample":{"tree":0.01}}`, so each record stands
    /// for 100. A record without the field is kept as it is.
    ///
    /// If it was sampled by this field before, the smaller share holds, because it keeps a
    /// part of what the larger one keeps; shares of several fields multiply.
    pub fn keep(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<bool, Malformed> {
        let (reader, wanted) = &*self.wanted;
        let record = reader.read(line, &mut self.found)?;
        let Some(text) = wanted.common_text(&record, &mut self.known) else {
            out.extend_from_slice(line);
            return Ok(true);
        };
        if u128::from(XxHash64::oneshot(0, text.as_bytes())) >= self.threshold {
            return Ok(false);
        }
        let (name, share) = (self.by.name(), self.share);
        self.stamper
            .update(line, |before| shares(before, name, share), out)?;
        Ok(true)
    }
}

impl Clone for Sampler {
    fn clone(&self) -> Self {
        Self {
            share: self.share,
            threshold: self.threshold,
            by: self.by.clone(),
            wanted: Arc::clone(&self.wanted),
            found: Found::default(),
            known: Known::default(),
            stamper: Stamper::new("sample"),
        }
    }
}

/// The shares by field, with this one among them.
fn shares(before: Option<Value<'_>>, name: &str, share: f64) -> String {
    let mut shares = serde_json::Map::new();
    if let Some(before) = before.filter(|before| before.kind == Kind::Object) {
        // What stands there is ours, and small; what is not a number is dropped.
        let _ = Cursor::line(before.raw, |key, cursor| {
            if let Some(share) = cursor.value()?.as_f64() {
                shares.insert(String::from_utf8_lossy(key).into_owned(), share.into());
            }
            Ok(())
        });
    }
    let old = shares.get(name).and_then(serde_json::Value::as_f64);
    let least = old.map_or(share, |old| old.min(share));
    shares.insert(name.to_owned(), least.into());
    serde_json::Value::Object(shares).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(sampler: &mut Sampler, line: &str) -> Option<String> {
        let mut out = Vec::new();
        let kept = sampler.keep(line.as_bytes(), &mut out).expect("a record");
        assert_eq!(kept, !out.is_empty());
        kept.then(|| String::from_utf8(out).expect("text"))
    }

    #[test]
    fn the_hash_is_xxh64_and_will_stay_so() {
        let check = |text: &str, expect| assert_eq!(XxHash64::oneshot(0, text.as_bytes()), expect);
        check("", 0xef46_db37_51d8_e999);
        check("a", 0xd24e_c4f1_a98c_6e5b);
        check("abc", 0x44bc_2cf5_ad77_0999);
    }

    #[test]
    fn the_share_is_told_in_band() {
        let check = |share: &str, line: &str, expect: Option<&str>| {
            let mut sampler = Sampler::parse(share, ".id").expect("a share");
            assert_eq!(
                keep(&mut sampler, line).as_deref(),
                expect,
                "{share} {line}"
            );
        };
        // XXH64 of abc is 0.2685 of the whole.
        check(
            "0.27",
            r#"{"id":"abc"}"#,
            Some(r#"{"id":"abc","dl":{"sample":{".id":0.27}}}"#),
        );
        check("0.26", r#"{"id":"abc"}"#, None);
        check(
            "1/2",
            r#"{"id":"\u0061bc"}"#,
            Some(r#"{"id":"\u0061bc","dl":{"sample":{".id":0.5}}}"#),
        );
        check("1/100", r#"{"a":1}"#, Some(r#"{"a":1}"#));
        check("1/100", r#"{"id":null}"#, Some(r#"{"id":null}"#));
        check(
            "0.5",
            r#"{"id":"abc","dl":{"sample":{".id":0.3,"x":0.1},"n":1}}"#,
            Some(r#"{"id":"abc","dl":{"sample":{".id":0.3,"x":0.1},"n":1}}"#),
        );
        check(
            "0.4",
            r#"{"id":"abc","dl":{"sample":{".id":0.7}}}"#,
            Some(r#"{"id":"abc","dl":{"sample":{".id":0.4}}}"#),
        );
        check(
            "0.5",
            r#"{"id":"abc","dl":7}"#,
            Some(r#"{"id":"abc","dl":7}"#),
        );
    }

    #[test]
    fn a_tree_is_kept_or_not_however_its_id_is_spelt() {
        let mut sampler = Sampler::parse("1/1000000", "tree").expect("a share");
        for nil in [
            "0",
            "",
            "-",
            "0x0",
            "None",
            "00000000000000000000000000000000",
        ] {
            let line = format!("{{\"otelTraceID\":\"{nil}\"}}");
            assert_eq!(keep(&mut sampler, &line), Some(line));
        }
        let mut half = Sampler::parse("1/2", "tree").expect("a share");
        let mut kept = 0;
        for number in 0..64_u64 {
            let id = format!(
                "{:032x}",
                u128::from(number) << 90 | 0xfeed_0000 | u128::from(number)
            );
            let lines = [
                format!("{{\"trace_id\":\"{id}\"}}"),
                format!(
                    "{{\"trace_id\":\"0x{}\",\"span_id\":\"0x05c48cf0ce2119a4\"}}",
                    id.to_uppercase()
                ),
                format!(
                    "{{\"context\":{{\"trace_id\":\"0x{id}\",\"span_id\":\"0x05c48cf0ce2119a4\"}}}}"
                ),
                format!("{{\"Scopes\":[{{\"TraceId\":\"{id}\"}}]}}"),
                format!("{{\"logging.googleapis.com/trace\":\"projects/p/traces/{id}\"}}"),
                format!("{{\"xray_trace_id\":\"1-{}-{}\"}}", &id[..8], &id[8..]),
                format!("{{\"traceparent\":\"00-{id}-05c48cf0ce2119a4-01\"}}"),
            ];
            let first = keep(&mut half, &lines[0]).is_some();
            // That has always been so.
            assert_eq!(first, XxHash64::oneshot(0, id.as_bytes()) >> 63 == 0);
            kept += u32::from(first);
            for line in &lines {
                assert_eq!(keep(&mut half, line).is_some(), first, "{line}");
            }
            let task = format!(
                "{}-{}-{}-{}-{}",
                &id[..8],
                &id[8..12],
                &id[12..16],
                &id[16..20],
                &id[20..]
            );
            let line = format!("{{\"levelno\":20,\"context\":{{\"key\":\"3@{task}/1\"}}}}");
            assert_eq!(keep(&mut half, &line).is_some(), first, "{line}");
            let bqnt = ["", ".73", ".73.f5"].map(|way| {
                let line = format!("{{\"trace_id\":\"b{number:05x}{way}\",\"event\":\"error\"}}");
                keep(&mut half, &line).is_some()
            });
            assert!(bqnt[1] == bqnt[0] && bqnt[2] == bqnt[0], "{number}");
        }
        assert!((16..48).contains(&kept), "{kept}");
    }

    #[test]
    fn the_share_is_right_and_a_smaller_one_keeps_a_part() {
        let ids =
            (0..100_000).map(|n| format!("{{\"trace_id\":\"{n:032x}\",\"span_id\":\"{n:016x}\"}}"));
        let mut large = Sampler::parse("1/10", "trace_id").expect("a share");
        let mut small = Sampler::parse("1%", "trace_id").expect("a share");
        let (mut tenth, mut hundredth) = (0, 0);
        for line in ids {
            let (in_large, in_small) = (keep(&mut large, &line), keep(&mut small.clone(), &line));
            assert!(in_small.is_none() || in_large.is_some(), "{line}");
            assert_eq!(in_small, keep(&mut small, &line));
            tenth += u32::from(in_large.is_some());
            hundredth += u32::from(in_small.is_some());
        }
        // Five standard deviations of a fair coin of that share.
        assert!((9_526..=10_474).contains(&tenth), "{tenth}");
        assert!((843..=1_157).contains(&hundredth), "{hundredth}");
    }
}
