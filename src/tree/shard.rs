//! Shards: which of N parts of all records a record belongs to, so that no tree is parted.
//!
//! The shard of a record is `XXH64(key, seed 0) mod N`. The key is the id of the tree that the
//! record names first, as it is compared: of a trace the last 16 digits, in lower case, and of a task of distlog those of
//! the trace that it is to what it calls. A record
//! without a tree may stand anywhere, so its key is its line, which spreads such records. Nothing
//! else goes into it, so it is the same on every machine, in every run and every version.
//!
//! The remainder is taken, and not the upper bits, because samples are chosen by those: of a
//! sample of a quarter each shard has its part.

use twox_hash::XxHash64;

use super::scheme::{Key, Keys, Known, Schemes, request, trace_of_task};
use crate::record::{Canonical, Found, Line, Malformed, Mask, Reader};

/// The shard, counted from 0, of what has that key.
pub fn shard(key: &[u8], shards: u32) -> u32 {
    let hash = XxHash64::oneshot(0, key);
    u32::try_from(hash % u64::from(shards.max(1))).unwrap_or(0)
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shard {
    /// With its tree, in this shard, counted from 0.
    Tree {
        /// Its number.
        shard: u32,
        /// True if it names a second tree, whose records stand in another shard.
        torn: bool,
    },
    /// It belongs to no tree, or is one that is finished: nothing comes to it.
    Alone(u32),
    /// It is a document of several records, each of which has a shard of its own.
    Document,
}

/// Finds the shards of records; one per worker.
pub struct Sharder {
    reader: Reader,
    keys: Keys,
    /// The family of tasks of distlog.
    tasks: Option<u8>,
    known: Known,
    documents: Mask,
    found: Found,
    shards: u32,
}

impl Sharder {
    /// A sharder for so many shards, which knows documents by these fields.
    pub fn new(shards: u32, documents: &[&str]) -> Self {
        let mut reader = Reader::default();
        reader.canonical(Canonical::Tree);
        let schemes = Schemes::default();
        let keys = Keys::new(&schemes, &mut reader);
        let documents = reader.mask_of(documents);
        Self {
            reader,
            keys,
            tasks: Keys::family(&schemes, "distlog"),
            known: Known::default(),
            documents,
            found: Found::default(),
            shards,
        }
    }

    /// The shard of the record on `line`, unless it is a document.
    pub fn of<'a>(&mut self, line: impl Into<Line<'a>>) -> Result<Shard, Malformed> {
        self.of_if(line.into(), true)
    }

    /// The shard of a record that is taken for one, whatever fields it has.
    pub fn of_record<'a>(&mut self, line: impl Into<Line<'a>>) -> Result<Shard, Malformed> {
        self.of_if(line.into(), false)
    }

    fn of_if(&mut self, line: Line<'_>, no_document: bool) -> Result<Shard, Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        if no_document && record.has_any(&self.documents) {
            return Ok(Shard::Document);
        }
        let of = |key: &[u8]| shard(key, self.shards);
        if record.schema() == Some("tree") {
            let id = request(&record);
            return Ok(Shard::Alone(of(id
                .as_deref()
                .unwrap_or_default()
                .as_bytes())));
        }
        let mut keys = self.keys.of(&record, &mut self.known);
        let Some(first) = keys.next() else {
            return Ok(Shard::Alone(of(line.bytes())));
        };
        let of = |key: Key<'_>| {
            let is_task = Some(key.family) == self.tasks;
            match is_task.then(|| trace_of_task(&key.id.text())).flatten() {
                Some(trace) => of(trace.as_bytes()),
                None => of(key.id.bytes()),
            }
        };
        let shard = of(first);
        let torn = keys.any(|key| of(key) != shard);
        Ok(Shard::Tree { shard, torn })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Among as many shards as there can be, equal shards are equal keys.
    const MANY: u32 = u32::MAX;

    fn check(line: &str, expect: Shard) {
        let mut sharder = Sharder::new(MANY, &["resourceSpans"]);
        assert_eq!(sharder.of(line.as_bytes()), Ok(expect), "{line}");
    }

    fn at(key: &str) -> Shard {
        let shard = shard(key.as_bytes(), MANY);
        Shard::Tree { shard, torn: false }
    }

    #[test]
    fn the_hash_is_xxh64_and_will_stay_so() {
        // XXH64 of abc is 44bc2cf5ad770999.
        assert_eq!(shard(b"abc", 10), 9);
        assert_eq!(shard(b"abc", 7), 0);
        assert_eq!(shard(b"abc", 1), 0);
    }

    #[test]
    fn a_trace_has_one_key_however_it_is_spelt() {
        let low = "7fd21e1e22f804ac";
        check(r#"{"task_uuid":"abc-1","task_level":[1,2]}"#, at("abc-1"));
        check(
            r#"{"levelno":20,"context":{"key":"3@abc-1/1/2"}}"#,
            at("abc-1"),
        );
        check(
            r#"{"levelno":20,"context":{"key":"3@6b003e24-0000-0000-7fd2-1e1e22f804ac/1/2"}}"#,
            at(low),
        );
        check(
            r#"{"trace_id":"6b003e24000000007fd21e1e22f804ac","span_id":"1e22f804ac7fd21e"}"#,
            at(low),
        );
        check(
            r#"{"trace_id":"7FD21E1E22F804AC","span_id":"1e22f804ac7fd21e"}"#,
            at(low),
        );
        check(
            r#"{"dd.trace_id":"9210457302710617260","dd.span_id":"415612031503243684"}"#,
            at(low),
        );
        check(
            r#"{"xray_trace_id":"1-6b003e24-000000007fd21e1e22f804ac"}"#,
            at(low),
        );
        check(r#"{"request_id":"b1946ac9-2c4f"}"#, at("b1946ac9-2c4f"));
        let alone = |key: &str| Shard::Alone(shard(key.as_bytes(), MANY));
        check(r#"{"dl":{"kind":"tree"},"tree":"abc-1"}"#, alone("abc-1"));
        check(r#"{"message":"x"}"#, alone(r#"{"message":"x"}"#));
        check(r#"{"resourceSpans":[]}"#, Shard::Document);
    }

    #[test]
    fn a_record_of_two_trees_is_told() {
        let line = r#"{"trace_id":"7fd21e1e22f804ac","span_id":"1e22f804ac7fd21e","request_id":"b1946ac9-2c4f"}"#;
        let Shard::Tree { shard, .. } = at("7fd21e1e22f804ac") else {
            unreachable!()
        };
        check(line, Shard::Tree { shard, torn: true });
        let mut sharder = Sharder::new(1, &[]);
        assert_eq!(
            sharder.of(line.as_bytes()),
            Ok(Shard::Tree {
                shard: 0,
                torn: false
            })
        );
    }
}
