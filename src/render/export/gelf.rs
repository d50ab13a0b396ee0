//! GELF 1.1, an object a line (REFERENCE.md §10).

use super::{
    Export, FactReader, Facts,
    facts::{Field, Scalar},
    json::{Object, seconds},
    logfmt::pairs,
    scopes::name,
};
use crate::tree::{Tree, flatten};

/// Writes GELF.
#[derive(Debug, Default)]
pub struct Gelf;

impl Export for Gelf {
    fn record(&mut self, facts: &Facts<'_>, out: &mut Vec<u8>) {
        message(facts, None, out);
    }

    fn tree(&mut self, tree: &Tree<'_>, reader: &mut FactReader, out: &mut Vec<u8>) {
        flatten(tree, |number, line| {
            // A record of a tree was one when the tree was read.
            if let Ok(facts) = reader.read(line) {
                let scope = name(&tree.nodes[number]);
                message(&facts, Some((&tree.id, &scope)), out);
            }
        });
    }
}

/// What has a place of its own in a message.
const PLACED: [&str; 5] = ["time", "level", "host", "msg", "exception"];

fn message(facts: &Facts<'_>, place: Option<(&str, &str)>, out: &mut Vec<u8>) {
    let mut message = Object::begin(out);
    message.text("version", "1.1");
    // Both must be there, and not be empty.
    let host = facts.host.as_deref().filter(|host| !host.is_empty());
    message.text("host", host.unwrap_or("unknown"));
    message.text("short_message", facts.title());
    message.some("full_message", facts.exception.as_deref());
    if let Some(time) = facts.time {
        message.plain("timestamp", seconds(time.0));
    }
    if let Some(level) = facts.level {
        message.plain("level", level.severity());
    }
    // The fields of the record come behind what `pairs` has put in front of them.
    let pairs = pairs(facts, place, true);
    let fields = pairs
        .into_iter()
        .filter(|pair| !PLACED.contains(&pair.name.as_str()));
    let fields = fields.map(|pair| Field {
        name: field_name(&pair.name),
        ..pair
    });
    for field in super::facts::unique(fields.collect()) {
        let out = message.key(&field.name);
        match &field.value {
            Scalar::Int(_) | Scalar::Number(_) => field.value.json(out),
            // There are no other values than numbers and texts.
            other => super::json::text(out, &other.text()),
        }
    }
    message.end();
    out.push(b'\n');
}

/// A name with an underscore in front, and of the characters that a name may have. `_id` is
/// the server's own.
fn field_name(name: &str) -> String {
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let kept: String = name
        .chars()
        .map(|c| if is_allowed(c) { c } else { '_' })
        .collect();
    if kept == "id" {
        return "_id_".to_owned();
    }
    format!("_{kept}")
}
