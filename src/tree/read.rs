//! A line of JSON that `write` has written, as a tree again.

use super::{
    model::{Edge, Flag, Node, Status, Tree},
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
            b"processes" => cursor.elements(|cursor| {
                tree.processes.push(cursor.value()?.text());
                Ok(())
            })?,
            b"errors" => tree.errors = count(cursor.value()?),
            b"exception" => tree.exception = Some(cursor.value()?.text()),
            b"root" => {
                tree.nodes.clear();
                tree.records.clear();
                node(cursor, 0, &mut tree)?;
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

/// Reads a node and all below it to the end of the tree's nodes.
fn node<'a>(cursor: Cursor<'_, 'a>, depth: usize, tree: &mut Tree<'a>) -> Result<(), Refused> {
    if depth > MAX_DEPTH {
        return cursor.refuse("fewer than 1,000 levels of scopes");
    }
    let number = tree.nodes.len();
    tree.nodes.push(Node::default());
    let mut node = Node {
        depth,
        ..Node::default()
    };
    cursor.members(|key, cursor| {
        match key {
            b"node" => node.id = cursor.value()?.text(),
            b"name" => node.name = Some(cursor.value()?.text()),
            b"status" => node.status = status(cursor.value()?),
            b"flags" => cursor.elements(|cursor| {
                let word = cursor.value()?.text();
                node.flags
                    .extend(Flag::ALL.into_iter().find(|flag| flag.name() == word));
                Ok(())
            })?,
            b"edge" => {
                let word = cursor.value()?.text();
                node.edge = Edge::ALL.into_iter().find(|edge| edge.name() == word);
            }
            b"scheme" => node.scheme = Some(cursor.value()?.text()),
            b"start" => node.start = Instant::read(cursor.value()?),
            b"end" => node.end = Instant::read(cursor.value()?),
            b"duration" => node.duration = cursor.value()?.as_f64(),
            b"self" => node.own = cursor.value()?.as_f64(),
            b"process" => node.process = Some(cursor.value()?.text()),
            b"exception" => node.exception = Some(cursor.value()?.text()),
            b"after" => node.after = count(cursor.value()?),
            b"records" => {
                node.records.start = tree.records.len();
                cursor.elements(|cursor| {
                    if !cursor.is_object() {
                        return cursor.refuse("a record");
                    }
                    tree.records.push(cursor.value()?.raw);
                    Ok(())
                })?;
                node.records.end = tree.records.len();
            }
            b"children" => cursor.elements(|cursor| self::node(cursor, depth + 1, tree))?,
            _ => drop(cursor.value()?),
        }
        Ok(())
    })?;
    node.size = tree.nodes.len() - number;
    tree.nodes[number] = node;
    Ok(())
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
