//! A projection: which fields of a record a program wants, compiled once.
//!
//! The wanted paths form a trie that the scanner walks along with the line; each path
//! ends in a slot. A [`Found`] holds the slots' contents for one line.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{
    found::{Found, Slots},
    index::Line,
    learned::Memory,
    path::{Path, Step},
    quotes::Search,
    scan::{Malformed, Refused, Scanner},
    trie::Node,
    value::Value,
};

/// Which of several equal keys counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// The first one: most loggers write their own fields before the user's.
    First,
    /// The last one, as JSON parsers have it.
    Last,
}

/// A raw field of a projection: the slots of all readings of its path, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field(Vec<u16>);

impl Field {
    /// The field of one slot.
    pub(super) fn of_slot(slot: u16) -> Self {
        Self(vec![slot])
    }

    /// The slots, best first.
    pub(super) fn slots(&self) -> &[u16] {
        &self.0
    }

    /// Where `Found` notes whether something was found for it: word and bit.
    pub(super) fn bits(&self) -> impl Iterator<Item = (usize, u64)> {
        let bit = |&slot: &u16| (usize::from(slot / 64), 1 << (slot % 64));
        self.0.iter().map(bit)
    }
}

/// The wanted paths, compiled to a trie.
#[derive(Debug)]
pub struct Projection {
    nodes: Vec<Node>,
    slots: u16,
    /// A number that no other projection has, nor this one at another time.
    revision: u64,
}

impl Default for Projection {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
            slots: 0,
            revision: fresh_revision(),
        }
    }
}

impl Projection {
    /// Adds a path and returns the field to ask for it. Asking twice for one path is free.
    ///
    /// # Panics
    /// If more than 65,535 different paths are asked for.
    pub fn want(&mut self, path: &Path, duplicates: Duplicates) -> Field {
        Field(
            path.readings()
                .iter()
                .map(|reading| self.slot(reading, duplicates))
                .collect(),
        )
    }

    fn slot(&mut self, path: &Path, duplicates: Duplicates) -> u16 {
        self.revision = fresh_revision();
        let mut node = 0;
        let mut above = Vec::with_capacity(path.steps.len());
        for step in &path.steps {
            above.push(node);
            node = match self.nodes[node].step(step) {
                Some(next) => next,
                None => self.add_child(node, step),
            };
        }
        let slot = match duplicates {
            Duplicates::First => &mut self.nodes[node].first,
            Duplicates::Last => &mut self.nodes[node].last,
        };
        if let Some(slot) = *slot {
            return slot;
        }
        let fresh = self.slots;
        *slot = Some(fresh);
        self.slots = self.slots.checked_add(1).expect("fewer than 65,536 fields");
        if duplicates == Duplicates::Last {
            for node in above {
                self.nodes[node].below.push(fresh);
            }
        }
        fresh
    }

    fn add_child(&mut self, node: usize, step: &Step) -> usize {
        let child = self.nodes.len();
        self.nodes.push(Node::default());
        self.nodes[node].insert(step, child);
        child
    }

    /// Checks a line and finds the wanted values in it.
    pub fn scan<'a>(&self, line: impl Into<Line<'a>>, found: &mut Found) -> Result<(), Malformed> {
        let line = line.into();
        let (mut memory, slots, layout) = self.memory(found);
        *layout = match line.marks {
            Some(marks) => Scanner::new(line, marks).line(&self.nodes, &mut memory, slots)?,
            None => Scanner::new(line, Search).line(&self.nodes, &mut memory, slots)?,
        };
        Ok(())
    }

    /// The same for the object at the beginning of `text`, which may have more behind it. Returns
    /// its length.
    pub(super) fn scan_first(&self, text: &[u8], found: &mut Found) -> Result<usize, Malformed> {
        let (mut memory, slots, layout) = self.memory(found);
        let mut scanner = Scanner::new(text.into(), Search);
        let result = scanner.record(&self.nodes, &mut memory, slots);
        *layout = result.map_err(|Refused| scanner.malformed())?;
        Ok(scanner.pos)
    }

    /// The memory that a scan needs, where it puts values, and where the layout.
    #[inline]
    fn memory<'f>(&self, found: &'f mut Found) -> (Memory<'f>, &'f mut Slots, &'f mut Option<u16>) {
        let Found {
            layout,
            members,
            inner,
            slots,
            shapes,
            layouts,
        } = found;
        slots.resize(self.slots);
        inner.resize(self.slots);
        let memory = Memory {
            shapes,
            layouts,
            members,
            inner,
            revision: self.revision,
        };
        (memory, slots, layout)
    }

    /// The value of `field` in the line that `found` was filled from.
    #[inline]
    pub fn get<'a>(&self, field: &Field, line: &'a [u8], found: &Found) -> Option<Value<'a>> {
        field.0.iter().find_map(|&slot| found.value(slot, line))
    }
}

fn fresh_revision() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(line: &str, path: &str, duplicates: Duplicates) -> Option<String> {
        let mut projection = Projection::default();
        let field = projection.want(&Path::dotted(path), duplicates);
        let mut found = Found::default();
        projection.scan(line.as_bytes(), &mut found).ok()?;
        projection
            .get(&field, line.as_bytes(), &found)
            .map(|value| value.text().into_owned())
    }

    #[test]
    fn fields_are_found_where_they_stand() {
        let check = |line: &str, path: &str, expect: Option<&str>| {
            assert_eq!(
                get(line, path, Duplicates::First).as_deref(),
                expect,
                "{path} in {line}"
            );
        };
        check(r#"{"a":1}"#, "a", Some("1"));
        check(r#"  {"b":[{"a":2}],"a":"x"}  "#, "a", Some("x"));
        check(r#"{"log":{"level":"warn"}}"#, "log.level", Some("warn"));
        check(r#"{"log.level":"warn"}"#, "log.level", Some("warn"));
        check(
            r#"{"log.level":"flat","log":{"level":"deep"}}"#,
            "log.level",
            Some("deep"),
        );
        check(r#"{"a":{"b":{"c":1}}}"#, "a.b.c", Some("1"));
        check(r#"{"a.b":{"c":2}}"#, "a.b.c", Some("2"));
        check(r#"{"\u0061":3}"#, "a", Some("3"));
        check(r#"{"a":NaN}"#, "a", Some("NaN"));
        check(r#"{"a":"x\ty"}"#, "a", Some("x\ty"));
        check(r#"{"b":1}"#, "a", None);
        check("{}", "a", None);
    }

    #[test]
    fn of_equal_keys_the_first_or_the_last_counts() {
        let line = r#"{"m":1,"m":2}"#;
        assert_eq!(get(line, "m", Duplicates::First).as_deref(), Some("1"));
        assert_eq!(get(line, "m", Duplicates::Last).as_deref(), Some("2"));
        // The last one hides what the others hold, as in every JSON parser.
        for (line, expect) in [
            (r#"{"a":{"b":1},"a":{"c":2}}"#, None),
            (r#"{"a":{"b":1},"a":2}"#, None),
            (r#"{"a":2,"a":{"b":1}}"#, Some("1")),
            (r#"{"a":{"b":1},"a":{"b":2},"a":{"b":3}}"#, Some("3")),
            (
                r#"{"a":{"b":1,"b":{"b":2}},"x":{"a":3}}"#,
                Some(r#"{"b":2}"#),
            ),
            (r#"{"a.b":4,"a":{"b":1},"a":{}}"#, Some("4")),
        ] {
            let found = get(line, "a.b", Duplicates::Last);
            assert_eq!(found.as_deref(), expect, "{line}");
        }
        let line = r#"{"a":{"b":1},"a":{"c":2}}"#;
        assert_eq!(get(line, "a.b", Duplicates::First).as_deref(), Some("1"));
    }

    #[test]
    fn elements_of_arrays_are_found() {
        let mut projection = Projection::default();
        let path = Path {
            steps: vec![Step::Key("a".into()), Step::Index(1), Step::Key("b".into())],
        };
        let field = projection.want(&path, Duplicates::Last);
        let mut found = Found::default();
        let line = br#"{"a":[0,{"b":"x"},2]}"#;
        projection.scan(line, &mut found).expect("a record");
        assert_eq!(
            projection
                .get(&field, line, &found)
                .map(|v| v.text().into_owned())
                .as_deref(),
            Some("x")
        );
    }

    fn malformed(line: &[u8]) -> Option<String> {
        Projection::default()
            .scan(line, &mut Found::default())
            .err()
            .map(|bad| bad.to_string())
    }

    #[test]
    fn what_real_producers_write_is_accepted() {
        let check =
            |line: &[u8]| assert_eq!(malformed(line), None, "{}", String::from_utf8_lossy(line));
        check(br#"{"a":NaN,"b":-Infinity,"c":Infinity,"d":1e400,"e":-0.0e-1}"#);
        check(b"{\"s\":\"\\udce9\",\"tab\":\"a\tb\"}");
        check(b"\xEF\xBB\xBF{\"a\":1}\r");
        check(b"\x1e{\"a\":18446744073709551616}");
        check(b"{\"a\":\"\xff\x01\"}");
        check(br#"{"a":1,"a":{},"a":[],"a":[{},[[]],{"x":[1,{"y":null}]}]}"#);
    }

    #[test]
    fn anything_else_says_where_and_why() {
        let check = |line: &str, expect: &str| {
            let message = malformed(line.as_bytes()).unwrap_or_default();
            assert_eq!(
                message,
                format!("not a JSON object: expected {expect}"),
                "{line}"
            );
        };
        check("", "'{' in column 1");
        check("[1]", "'{' in column 1");
        check("\"text\"", "'{' in column 1");
        check(r#"{"a":1"#, "',' or '}' in column 7");
        check(r#"{"a":1,}"#, "a key in double quotes in column 8");
        check(r#"{"a" 1}"#, "':' in column 6");
        check(r"{'a':1}", "a key in double quotes in column 2");
        check(r#"{"a":01}"#, "',' or '}' in column 7");
        check(r#"{"a":1.}"#, "a digit in column 8");
        check(r#"{"a":tru}"#, "a value in column 6");
        check(r#"{"a":[1,{"b":}]}"#, "a value in column 14");
        check(r#"{"a":[1}}"#, "',' or ']' in column 8");
        check(r#"{"a":"x"#, "'\"' in column 8");
        check(r#"{"a":"\x"}"#, "an escape of JSON in column 7");
        check(r#"{"a":1}{"a":2}"#, "the end of the line in column 8");
        check("{\"a\":1}\0", "the end of the line in column 8");
    }

    #[test]
    fn depth_costs_no_stack() {
        for depth in [63, 64, 65, 127, 128, 129, 10_000, 1_000_000] {
            let line = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
            assert_eq!(malformed(line.as_bytes()), None, "{depth}");
            let mixed = format!(
                "{{\"a\":{}1{}}}",
                "[{\"b\":".repeat(depth),
                "}]".repeat(depth)
            );
            assert_eq!(malformed(mixed.as_bytes()), None, "{depth}");
        }
    }
}
