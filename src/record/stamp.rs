//! Stamping: what the toolkit knows of a record goes under the one key `dl`.
//!
//! Nothing else of the line changes: the addition stands before the closing brace of the
//! record, or of its `dl` if it has one.

use super::{
    cursor::Cursor,
    found::Found,
    path::Path,
    projection::{Duplicates, Field, Projection},
    reader::{Mask, Reader},
    scan::Malformed,
    value::{Kind, Value},
};

/// Members that are added to objects.
#[derive(Clone, Debug, Default)]
pub struct Additions {
    members: Vec<(String, String)>,
    /// All of them, as an object.
    object: String,
}

impl Additions {
    /// Names, which need no escapes, and values as JSON.
    pub fn new(members: Vec<(String, String)>) -> Self {
        let object = format!("{{{}}}", joined(&members));
        Self { members, object }
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members between the braces of an object.
    pub fn text(&self) -> &str {
        &self.object[1..self.object.len() - 1]
    }

    /// Gives the last of them another value.
    pub fn set_last(&mut self, value: &str) {
        if let Some((_, last)) = self.members.last_mut() {
            self.object.truncate(self.object.len() - last.len() - 1);
            self.object.extend([value, "}"]);
            value.clone_into(last);
        }
    }

    /// An object with those that it lacks at its end; any other value is as it was.
    pub fn added_to(&self, value: Value<'_>) -> Vec<u8> {
        let raw = value.raw;
        if value.is_string() {
            return [b"\"", raw, b"\""].concat();
        }
        let lacked = self.lacked_by(raw);
        match raw {
            [head @ .., b'}'] if !lacked.is_empty() => {
                let comma = if is_empty(head) { "" } else { "," };
                [head, comma.as_bytes(), lacked.as_bytes(), b"}"].concat()
            }
            _ => raw.to_vec(),
        }
    }

    /// Those that an object does not have; none for what is no object.
    fn lacked_by(&self, object: &[u8]) -> String {
        let mut lacking: Vec<_> = self.members.iter().collect();
        let walked = Cursor::line(object, |key, cursor| {
            lacking.retain(|(name, _)| name.as_bytes() != key);
            cursor.value().map(drop)
        });
        walked.map_or_else(|_| String::new(), |()| joined(lacking))
    }
}

/// Members between the braces of an object.
fn joined<'m>(members: impl IntoIterator<Item = &'m (String, String)>) -> String {
    let members = members.into_iter();
    let members: Vec<_> = members
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    members.join(",")
}

/// Adds one member to the `dl` of records.
#[derive(Debug)]
pub struct Stamper {
    key: &'static str,
    projection: Projection,
    dl: Field,
    member: Field,
    /// Both of them.
    either: Mask,
    found: Found,
    /// What stands in front of a value in a record that has no `dl`: `,"dl":{"KEY":`.
    opening: Vec<u8>,
    /// Finds the key `dl`, as it is written without escapes.
    spelt: memchr::memmem::Finder<'static>,
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
            either: Reader::mask(&[dl.clone(), member.clone()]),
            dl,
            member,
            found: Found::default(),
            opening: format!(",\"dl\":{{\"{key}\":").into_bytes(),
            spelt: memchr::memmem::Finder::new("\"dl\""),
        }
    }

    /// Checks that `line` is a record, without framing, and appends it to `out` with `value`
    /// under the key; a record that has one already, or whose `dl` is no object, stays as it is.
    pub fn stamp(&mut self, line: &[u8], value: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let (dl, member) = self.find(line)?;
        match (dl, member) {
            (dl, None) => drop(self.insert(line, dl, value, out)),
            (_, Some(_)) => out.extend_from_slice(line),
        }
        Ok(())
    }

    /// Appends `json`, which is known to be an object and to end with its brace, with `value` under the key; `None`
    /// if it may have a `dl` already, and then nothing is done.
    pub fn add(&self, json: &[u8], value: &[u8], out: &mut Vec<u8>) -> Option<()> {
        // Who has written it has spelt the key like that.
        if self.spelt.find(json).is_some() {
            return None;
        }
        self.insert(json, None, value, out);
        Some(())
    }

    /// Like [`stamp`](Self::stamp), but what stands under the key already is replaced by what
    /// `value` makes of it. Says whether the value is there now: where `dl` is no object, which
    /// is none of ours, it is not, and the line is appended as it is.
    pub fn update<V: AsRef<[u8]>>(
        &mut self,
        line: &[u8],
        value: impl FnOnce(Option<Value<'_>>) -> V,
        out: &mut Vec<u8>,
    ) -> Result<bool, Malformed> {
        let (dl, member) = self.find(line)?;
        let value_of = value(member);
        let value_of = value_of.as_ref();
        Ok(match member {
            None => self.insert(line, dl, value_of, out),
            Some(member) => {
                let quote = usize::from(member.is_string());
                let start = offset(line, member.raw);
                out.extend_from_slice(&line[..start - quote]);
                out.extend_from_slice(value_of);
                out.extend_from_slice(&line[start + member.raw.len() + quote..]);
                true
            }
        })
    }

    /// Like [`stamp`](Self::stamp), but of an object that stands under the key already the members that it lacks are
    /// added at its end. Anything else there stays as it is.
    pub fn extend(
        &mut self,
        line: &[u8],
        additions: &Additions,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        if additions.is_empty() {
            self.find(line)?;
            out.extend_from_slice(line);
            return Ok(());
        }
        let extended = |before: Option<Value<'_>>| match before {
            None => additions.object.clone().into_bytes(),
            Some(before) => additions.added_to(before),
        };
        self.update(line, extended, out).map(drop)
    }

    /// The `dl` of a line, and the member in it.
    fn find<'a>(
        &mut self,
        line: &'a [u8],
    ) -> Result<(Option<Value<'a>>, Option<Value<'a>>), Malformed> {
        self.projection.scan(line, &mut self.found)?;
        // Most have none.
        if self.either.is_missing(&self.found) {
            return Ok((None, None));
        }
        let dl = self.projection.get(&self.dl, line, &self.found);
        let member = self.projection.get(&self.member, line, &self.found);
        // A flat key "dl.KEY", or a member of another `dl` before this one, is not ours.
        let inside = |member: &Value<'_>| {
            dl.is_some_and(|dl| {
                let start = offset(line, dl.raw);
                dl.kind == Kind::Object
                    && (start..start + dl.raw.len()).contains(&offset(line, member.raw))
            })
        };
        Ok((dl, member.filter(inside)))
    }

    /// Appends `line` with the member that it does not have.
    fn insert(&self, line: &[u8], dl: Option<Value<'_>>, value: &[u8], out: &mut Vec<u8>) -> bool {
        match dl {
            None => {
                // Every record passes here, and few bytes cost as much to copy as many.
                let end = match line {
                    [head @ .., b'}'] => head.len(),
                    _ => memchr::memrchr(b'}', line).unwrap_or(line.len()),
                };
                let (head, tail) = line.split_at(end);
                let comma = usize::from(is_empty(head));
                out.reserve(line.len() + self.opening.len() + value.len() + 1);
                out.extend_from_slice(head);
                out.extend_from_slice(&self.opening[comma..]);
                out.extend_from_slice(value);
                out.push(b'}');
                match tail {
                    [brace] => out.push(*brace),
                    _ => out.extend_from_slice(tail),
                }
                true
            }
            Some(dl) if dl.kind == Kind::Object => {
                let end = offset(line, dl.raw) + dl.raw.len() - 1;
                let empty = is_empty(&dl.raw[..dl.raw.len() - 1]);
                insert(
                    line,
                    end,
                    empty,
                    &[b"\"", self.key.as_bytes(), b"\":", value],
                    out,
                );
                true
            }
            Some(_) => {
                out.extend_from_slice(line);
                false
            }
        }
    }
}

/// Where a slice of the line begins in it.
fn offset(line: &[u8], slice: &[u8]) -> usize {
    slice.as_ptr() as usize - line.as_ptr() as usize
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
        check(
            r#"{"dl.recv":1,"dl":{"x":{"recv":0}}}"#,
            r#"{"dl.recv":1,"dl":{"x":{"recv":0},"recv":{"n":1}}}"#,
        );
        // What is known to be a record needs no scan, unless it may have a `dl`.
        let add = |line: &str| {
            let mut out = Vec::new();
            let added = Stamper::new("recv").add(line.as_bytes(), b"1", &mut out);
            assert_eq!(added.is_none(), out.is_empty());
            String::from_utf8(out).expect("text")
        };
        assert_eq!(add("{}"), r#"{"dl":{"recv":1}}"#);
        assert_eq!(add(r#"{"a":"dl"}"#), "");
        assert_eq!(add(r#"{"a":"x}"}"#), r#"{"a":"x}","dl":{"recv":1}}"#);
        assert_eq!(add(r#"{"dl":{}}"#), "");
        assert!(
            Stamper::new("recv")
                .stamp(b"[1]", b"1", &mut Vec::new())
                .is_err()
        );
    }

    #[test]
    fn what_is_there_already_is_not_added() {
        let check = |line: &str, expect: &str| {
            let members = [("host", "\"a\""), ("n", "1")];
            let members = members.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let additions = Additions::new(members.into());
            let mut out = Vec::new();
            Stamper::new("recv")
                .extend(line.as_bytes(), &additions, &mut out)
                .expect("a record");
            assert_eq!(String::from_utf8(out).expect("text"), expect);
        };
        check("{}", r#"{"dl":{"recv":{"host":"a","n":1}}}"#);
        check(
            r#"{"dl":{"recv":{"n":7 }},"z":0}"#,
            r#"{"dl":{"recv":{"n":7 ,"host":"a"}},"z":0}"#,
        );
        check(
            r#"{"dl":{"recv":{ }}}"#,
            r#"{"dl":{"recv":{ "host":"a","n":1}}}"#,
        );
        check(
            r#"{"dl":{"recv":{"x":{"host":"b"},"h\u006fst":null,"n":[]}}}"#,
            r#"{"dl":{"recv":{"x":{"host":"b"},"h\u006fst":null,"n":[]}}}"#,
        );
        check(r#"{"dl":{"recv":"}"}}"#, r#"{"dl":{"recv":"}"}}"#);
        check(r#"{"dl":7}"#, r#"{"dl":7}"#);
        let none = |line: &str| {
            let mut out = Vec::new();
            let done =
                Stamper::new("recv").extend(line.as_bytes(), &Additions::default(), &mut out);
            done.map(|()| String::from_utf8(out).expect("text")).ok()
        };
        assert_eq!(none(r#"{"a":1}"#).as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(none("[1]"), None);
    }

    #[test]
    fn an_update_replaces_what_is_there_and_nothing_else() {
        let check = |line: &str, expect: &str, done: bool| {
            let mut out = Vec::new();
            let updated = Stamper::new("n")
                .update(
                    line.as_bytes(),
                    |before| before.map_or("1".into(), |before| format!("[{}]", before.text())),
                    &mut out,
                )
                .expect("a record");
            assert_eq!(String::from_utf8(out).expect("text"), expect);
            assert_eq!(updated, done, "{line}");
        };
        check(r#"{"a":1}"#, r#"{"a":1,"dl":{"n":1}}"#, true);
        check(r#"{"dl":{"m":0}}"#, r#"{"dl":{"m":0,"n":1}}"#, true);
        check(r#"{"dl":{"n":7},"z":0}"#, r#"{"dl":{"n":[7]},"z":0}"#, true);
        check(
            r#"{"dl":{"n":"a", "m":0}}"#,
            r#"{"dl":{"n":[a], "m":0}}"#,
            true,
        );
        check(r#"{"dl.n":5}"#, r#"{"dl.n":5,"dl":{"n":1}}"#, true);
        check(
            r#"{"dl":{"n":5},"dl":{"m":0}}"#,
            r#"{"dl":{"n":5},"dl":{"m":0,"n":1}}"#,
            true,
        );
        check(r#"{"dl":[1]}"#, r#"{"dl":[1]}"#, false);
        check(r#"{"dl.n":5,"dl":null}"#, r#"{"dl.n":5,"dl":null}"#, false);
    }
}
