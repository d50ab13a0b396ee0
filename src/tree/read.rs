//! A line of JSON that `write` has written, as a tree again.

use super::{
    model::{Flag, Node, Status, Tree},
    scheme::MAX_DEPTH,
};
use crate::record::{Cursor, Instant, Malformed, Refused, Value};

/// Reads a tree; keys that it does not know are passed over.
pub fn read(line: &[u8]) -> Result<Tree<'_>, Malformed> {
    let mut tree = Tree::default();
    let mut rooted = false;
    Cursor::line(line, |key, cursor| {
        match key {
            b"tree" => tree.id = cursor.value()?.text(),
            b"scheme" => tree.scheme = cursor.value()?.text(),
            b"status" => tree.status = status(cursor.value()?),
            b"complete" => tree.complete = cursor.value()?.raw == b"true",
            b"continuation" => tree.continuation = cursor.value()?.raw == b"true",
            b"start" => tree.start = Instant::read(cursor.value()?),
            b"end" => tree.end = Instant::read(cursor.value()?),
            b"duration" => tree.duration = cursor.value()?.as_f64(),
            b"records" => tree.records = count(cursor.value()?),
            b"processes" => cursor.elements(|cursor| {
                tree.processes.push(cursor.value()?.text());
                Ok(())
            })?,
            b"errors" => tree.errors = count(cursor.value()?),
            b"exception" => tree.exception = Some(cursor.value()?.text()),
            b"root" => {
                tree.root = node(cursor, 0)?;
                rooted = true;
            }
            _ => drop(cursor.value()?),
        }
        Ok(())
    })?;
    if !rooted {
        return Err(Malformed {
            at: line.len(),
            expected: "the root of a tree",
        });
    }
    Ok(tree)
}

fn node<'a>(cursor: Cursor<'_, 'a>, depth: usize) -> Result<Node<'a>, Refused> {
    if depth > MAX_DEPTH {
        return cursor.refuse("fewer than 1,000 levels of scopes");
    }
    let mut node = Node::default();
    cursor.members(|key, cursor| {
        match key {
            b"node" => node.id = cursor.value()?.text().into_owned(),
            b"name" => node.name = Some(cursor.value()?.text()),
            b"status" => node.status = status(cursor.value()?),
            b"flags" => cursor.elements(|cursor| {
                let word = cursor.value()?.text();
                node.flags
                    .extend(Flag::ALL.into_iter().find(|flag| flag.name() == word));
                Ok(())
            })?,
            b"start" => node.start = Instant::read(cursor.value()?),
            b"end" => node.end = Instant::read(cursor.value()?),
            b"duration" => node.duration = cursor.value()?.as_f64(),
            b"self" => node.own = cursor.value()?.as_f64(),
            b"process" => node.process = Some(cursor.value()?.text()),
            b"exception" => node.exception = Some(cursor.value()?.text()),
            b"after" => node.after = count(cursor.value()?),
            b"records" => cursor.elements(|cursor| {
                if !cursor.is_object() {
                    return cursor.refuse("a record");
                }
                node.records.push(cursor.value()?.raw);
                Ok(())
            })?,
            b"children" => cursor.elements(|cursor| {
                node.children.push(self::node(cursor, depth + 1)?);
                Ok(())
            })?,
            _ => drop(cursor.value()?),
        }
        Ok(())
    })?;
    Ok(node)
}

fn status(value: Value<'_>) -> Status {
    Status::from_name(&value.text()).unwrap_or(Status::Unknown)
}

fn count(value: Value<'_>) -> usize {
    value
        .as_i128()
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(0)
}
