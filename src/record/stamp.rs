//! Stamping: what the toolkit knows of a record goes under the one key `dl`.
//!
//! Nothing else of the line changes: the addition stands before the closing brace of the
//! record, or of its `dl` if it has one.

use super::{
    found::Found,
    path::Path,
    projection::{Duplicates, Field, Projection},
    scan::Malformed,
    value::Kind,
};

/// Adds one member to the `dl` of records.
#[derive(Debug)]
pub struct Stamper {
    key: &'static str,
    projection: Projection,
    dl: Field,
    member: Field,
    found: Found,
}

impl Stamper {
    /// A stamper for `dl.KEY`.
    pub fn new(key: &'static str) -> Self {
        let mut projection = Projection::default();
        let dl = projection.want(&Path::dotted("dl"), Duplicates::Last);
        let member = projection.want(&Path::dotted(&format!("dl.{key}")), Duplicates::Last);
        Self {
            key,
            projection,
            dl,
            member,
            found: Found::default(),
        }
    }

    /// Checks that `line` is a record, without framing, and appends it to `out` with `value`
    /// under the key; a record that has one already, or whose `dl` is no object, stays as it is.
    pub fn stamp(&mut self, line: &[u8], value: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        self.projection.scan(line, &mut self.found)?;
        let dl = self.projection.get(&self.dl, line, &self.found);
        let stamped = self
            .projection
            .get(&self.member, line, &self.found)
            .is_some();
        match dl {
            None => {
                let end = memchr::memrchr(b'}', line).unwrap_or(line.len());
                insert(
                    line,
                    end,
                    is_empty(&line[..end]),
                    &[b"\"dl\":{\"", self.key.as_bytes(), b"\":", value, b"}"],
                    out,
                );
            }
            Some(dl) if dl.kind == Kind::Object && !stamped => {
                // The value is a slice of the line, so its end is where it ends in the line.
                let end = dl.raw.as_ptr() as usize - line.as_ptr() as usize + dl.raw.len() - 1;
                let empty = is_empty(&dl.raw[..dl.raw.len() - 1]);
                insert(
                    line,
                    end,
                    empty,
                    &[b"\"", self.key.as_bytes(), b"\":", value],
                    out,
                );
            }
            Some(_) => out.extend_from_slice(line),
        }
        Ok(())
    }
}

/// Appends `line` with `parts` in front of the closing brace at `end`.
fn insert(line: &[u8], end: usize, empty: bool, parts: &[&[u8]], out: &mut Vec<u8>) {
    out.extend_from_slice(&line[..end]);
    if !empty {
        out.push(b',');
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out.extend_from_slice(&line[end..]);
}

/// True for an object without members, seen up to its closing brace.
fn is_empty(head: &[u8]) -> bool {
    head.trim_ascii_end().ends_with(b"{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_leaves_the_rest_alone() {
        let check = |line: &str, expect: &str| {
            let mut out = Vec::new();
            Stamper::new("recv")
                .stamp(line.as_bytes(), b"{\"n\":1}", &mut out)
                .expect("a record");
            assert_eq!(String::from_utf8(out).expect("text"), expect);
        };
        check(r#"{"a":1.50}"#, r#"{"a":1.50,"dl":{"recv":{"n":1}}}"#);
        check(r#"{ "a" : NaN }"#, r#"{ "a" : NaN ,"dl":{"recv":{"n":1}}}"#);
        check("{}", r#"{"dl":{"recv":{"n":1}}}"#);
        check("{ } ", r#"{ "dl":{"recv":{"n":1}}} "#);
        check(
            r#"{"dl":{"event":"end"},"z":"}"}"#,
            r#"{"dl":{"event":"end","recv":{"n":1}},"z":"}"}"#,
        );
        check(r#"{"dl":{},"z":0}"#, r#"{"dl":{"recv":{"n":1}},"z":0}"#);
        check(r#"{"dl":{"recv":{"n":0}}}"#, r#"{"dl":{"recv":{"n":0}}}"#);
        check(r#"{"dl":7}"#, r#"{"dl":7}"#);
        check(r#"{"a":"{"}"#, r#"{"a":"{","dl":{"recv":{"n":1}}}"#);
        assert!(
            Stamper::new("recv")
                .stamp(b"[1]", b"1", &mut Vec::new())
                .is_err()
        );
    }
}
