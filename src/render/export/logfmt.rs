//! logfmt: `key=value` pairs (REFERENCE.md §10). The records of a tree stand in its order, each
//! with the scope that it belongs to.

use std::{borrow::Cow, fmt::Write};

use super::{
    Export, FactReader, Facts,
    facts::{Field, Scalar, unique},
    ids,
    scopes::name,
};
use crate::{
    record::Level,
    tree::{Tree, flatten},
};

/// Writes pairs.
#[derive(Debug, Default)]
pub struct Logfmt;

impl Export for Logfmt {
    fn record(&mut self, facts: &Facts<'_>, out: &mut Vec<u8>) {
        write(&pairs(facts, None, true), out);
        out.push(b'\n');
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>) {
        flatten(tree, |number, line| {
            // A record of a tree was one when the tree was read.
            if let Ok(facts) = reader.read(line) {
                let scope = name(&tree.nodes[number]);
                write(&pairs(&facts, Some((&tree.id, &scope)), true), out);
                out.push(b'\n');
            }
        });
    }
}

/// Names under which readers look for the time and the message before those that stand here.
const MISTAKEN: [&str; 3] = ["@timestamp", "message", "timestamp"];

/// Appends what a record says, but for its time and what it belongs to.
pub(super) fn untimed(facts: &Facts<'_>, out: &mut Vec<u8>) {
    write(&pairs(facts, None, false), out);
}

/// The fields of a record, the canonical ones in front; of one in a tree also the tree's id and
/// the name of the scope.
pub(super) fn pairs<'a>(
    facts: &'a Facts<'_>,
    place: Option<(&'a str, &'a str)>,
    is_whole: bool,
) -> Vec<Field<'a>> {
    let mut pairs = Vec::with_capacity(facts.fields.len() + 10);
    let mut add = |name: &str, value: Option<Cow<'a, str>>| {
        pairs.extend(value.map(|value| Field {
            name: name.to_owned(),
            value: match value.parse() {
                Ok(number) if name == "pid" => Scalar::Int(number),
                _ => Scalar::Text(value),
            },
        }));
    };
    let given = |text: &'a Option<Cow<'_, str>>| text.as_deref().map(Cow::Borrowed);
    if is_whole {
        add("time", facts.time.map(|time| time.to_rfc3339().into()));
    }
    add("level", facts.level.map(|level| Level::name(level).into()));
    if is_whole {
        add("host", given(&facts.host));
        add("service", given(&facts.service));
        add("pid", given(&facts.pid));
    }
    add("thread.name", given(&facts.thread));
    add("logger", given(&facts.logger));
    add("msg", given(&facts.message));
    let kind = facts.kind.as_deref();
    let kind = kind.filter(|kind| Some(*kind) != facts.message.as_deref());
    add("type", kind.map(Cow::Borrowed));
    if is_whole {
        let tree = place.map(|(tree, _)| tree).or(facts.tree.as_deref());
        let node = facts.node.as_deref();
        // Others look for the ids of traces by these names; all else only looks like one.
        let is_trace = tree.is_some_and(is_trace) && node.is_none_or(ids::is_span);
        let names = if is_trace {
            ["trace_id", "span_id"]
        } else {
            ["tree", "node"]
        };
        add(names[0], tree.map(Cow::Borrowed));
        add(names[1], node.map(Cow::Borrowed));
        add("scope", place.map(|(_, scope)| scope.into()));
    }
    add("exception", given(&facts.exception));
    let others = facts.fields.iter().map(|field| Field {
        name: match field.name.as_str() {
            name if MISTAKEN.contains(&name) => format!("{name}_"),
            name => name.to_owned(),
        },
        value: match &field.value {
            Scalar::Text(text) => Scalar::Text(text.as_ref().into()),
            other => other.clone(),
        },
    });
    pairs.extend(others);
    unique(pairs)
}

fn is_trace(id: &str) -> bool {
    matches!(id.len(), 16 | 32) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn write(pairs: &[Field<'_>], out: &mut Vec<u8>) {
    for (at, Field { name, value }) in pairs.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(key(name).as_bytes());
        out.push(b'=');
        let text = value.text();
        let is_text = matches!(value, Scalar::Text(_));
        if is_text && reads_as_another(&text) || needs_quotes(&text) {
            quoted(&text, out);
        } else {
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// True for what ends a word, or would be taken for something else.
fn breaks(c: char) -> bool {
    c.is_whitespace() || matches!(c, '=' | '"' | '\\') || is_hidden(c)
}

/// Characters that command a terminal, or turn text around.
fn is_hidden(c: char) -> bool {
    crate::render::sanitize(c.encode_utf8(&mut [0; 4])).len() != c.len_utf8()
}

fn key(name: &str) -> Cow<'_, str> {
    if name.is_empty() {
        return "_".into();
    }
    if !name.contains(breaks) {
        return name.into();
    }
    name.replace(breaks, "_").into()
}

fn needs_quotes(text: &str) -> bool {
    // Brackets in front are read as a list or an object.
    text.is_empty() || text.starts_with(['[', '{', '(', '<']) || text.contains(breaks)
}

/// True for a text that would be read as a number or a word of JSON.
fn reads_as_another(text: &str) -> bool {
    matches!(text, "true" | "false" | "null") || text.parse::<f64>().is_ok()
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    let mut escaped = String::with_capacity(text.len() + 8);
    escaped.push('"');
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            // None of them is beyond the first plane.
            c if is_hidden(c) => drop(write!(escaped, "\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped.push('"');
    out.extend_from_slice(escaped.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_where_they_have_to_be() {
        let check = |line: &str, expect: &str| {
            let mut reader = FactReader::default();
            let mut out = Vec::new();
            let facts = reader.read(line.as_bytes()).expect("a record");
            Logfmt.record(&facts, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), format!("{expect}\n"));
        };
        check(
            r#"{"level":"info","message":"a \"b\"\nc","n":7,"s":"7","e":"","k y":null}"#,
            r#"level=info msg="a \"b\"\nc" n=7 s="7" e="" k_y=null"#,
        );
        check(
            r#"{"a":"\u001b[2J","b":[1,"x y"],"c":"x\u202ey"}"#,
            r#"a="\u001b[2J" b="[1,\"x y\"]" c="x\u202ey""#,
        );
    }
}
