//! A line of JSON that `write` has written, as a tree again.

use std::borrow::Cow;

use super::model::{Edge, Flag, Node, Share, Skew, Status, Tree, Writer};
use crate::record::{Cursor, Instant, Kind, Level, Malformed, Refused, Value};

/// Reads a tree; keys that it does not know are passed over.
pub fn read(line: &[u8]) -> Result<Tree<'_>, Malformed> {
    read_with(line, &mut |cursor| Ok(cursor.value()?.raw))
}

/// Passes over a record of a tree and returns its bytes.
type PassRecord<'p, 'a> = dyn FnMut(Cursor<'_, 'a>) -> Result<&'a [u8], Refused> + 'p;

/// The same, where `record` passes over each record, which is an object.
pub fn read_with<'a>(
    line: &'a [u8],
    record: &mut PassRecord<'_, 'a>,
) -> Result<Tree<'a>, Malformed> {
    let mut tree = Tree::default();
    let mut rooted = false;
    Cursor::line(line, |key, cursor| {
        if key == b"root" {
            tree.nodes.clear();
            tree.records.clear();
            nodes(cursor, &mut tree, record)?;
            rooted = true;
        } else if let Some(cursor) = head(key, cursor, &mut tree)? {
            cursor.value()?;
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

/// Takes what a member tells of the tree as a whole; any other member is handed back.
fn head<'c, 'a>(
    key: &[u8],
    cursor: Cursor<'c, 'a>,
    tree: &mut Tree<'a>,
) -> Result<Option<Cursor<'c, 'a>>, Refused> {
    match key {
        b"tree" => tree.id = cursor.value()?.text(),
        b"scheme" => tree.scheme = cursor.value()?.text(),
        b"status" => tree.status = status(cursor.value()?),
        b"complete" => tree.complete = cursor.value()?.raw == b"true",
        b"continuation" => tree.continuation = cursor.value()?.raw == b"true",
        b"before" => tree.before = Some(status(cursor.value()?)),
        b"continues" => cursor.elements(|cursor| {
            tree.continues.push(cursor.value()?.text());
            Ok(())
        })?,
        b"replaces" => cursor.elements(|cursor| {
            tree.replaces.push(cursor.value()?.text());
            Ok(())
        })?,
        b"revision" => tree.snapshot = Some(count(cursor.value()?) as u64),
        b"selected" => tree.selected = Some(count(cursor.value()?)),
        b"start" => tree.start = Instant::read(cursor.value()?),
        b"end" => tree.end = Instant::read(cursor.value()?),
        b"duration" => tree.duration = cursor.value()?.as_f64(),
        b"processes" => cursor.elements(|cursor| {
            tree.processes.push(cursor.value()?.text());
            Ok(())
        })?,
        b"shares" => cursor.elements(|cursor| share(cursor, &mut tree.shares))?,
        b"skew" => cursor.elements(|cursor| skew(cursor, &mut tree.skew))?,
        b"error_root" => tree.error_root = Some(cursor.value()?.text()),
        b"errors" => tree.errors = count(cursor.value()?),
        b"level" => tree.level = Level::from_word(&cursor.value()?.text()),
        b"exception" => tree.exception = Some(cursor.value()?.text()),
        _ => return Ok(Some(cursor)),
    }
    Ok(None)
}

/// True if a line begins like one that `write` has written: it need not be held against all
/// schemas before it is read.
pub fn is_written(line: &[u8]) -> bool {
    line.starts_with(br#"{"dl":{"kind":"tree"},"tree":"#)
}

/// The tree on a line that begins as such, if it is one.
pub fn written(line: &[u8]) -> Option<Tree<'_>> {
    is_written(line).then(|| read(line).ok()).flatten()
}

/// What is known of a tree whose nodes are not there.
#[derive(Debug)]
pub struct Summary<'a> {
    /// The tree; its only node is the root, of which no more is known than its name.
    pub tree: Tree<'a>,
    /// How many records it has.
    pub records: usize,
}

impl Summary<'_> {
    /// True if a scope failed, or there is an error and nothing tells how the request ended.
    pub fn has_failed(&self) -> bool {
        let is_open = matches!(self.tree.status, Status::Running | Status::Unknown);
        self.tree.errors > 0 || (is_open && self.tree.level >= Some(Level::ERROR))
    }
}

/// Reads what `summary` has written; nothing if the line is something else.
pub fn read_summary(line: &[u8]) -> Option<Summary<'_>> {
    let mut tree = Tree::default();
    let mut root = Node::default();
    let (mut records, mut is_counted) = (0, false);
    let read = Cursor::line(line, |key, cursor| {
        let Some(cursor) = head(key, cursor, &mut tree)? else {
            return Ok(());
        };
        let value = cursor.value()?;
        match key {
            b"name" => root.name = some_text(value),
            b"records" => records = count(value),
            b"nodes" => is_counted = value.kind == Kind::Number,
            _ => {}
        }
        Ok(())
    });
    root.status = tree.status;
    tree.nodes.push(root);
    (read.is_ok() && is_counted).then_some(Summary { tree, records })
}

/// True if `line` is what `summary` has written.
pub fn is_summary(line: &[u8]) -> bool {
    read_summary(line).is_some()
}

/// A node whose end has not been reached.
struct Open<'a> {
    number: usize,
    node: Node<'a>,
    /// True until its first member has been passed.
    is_fresh: bool,
}

impl<'a> Open<'a> {
    /// Begins a node at the end of the tree's nodes. What does not say its host is on that of the node
    /// above.
    fn begin(depth: usize, host: Option<Cow<'a, str>>, tree: &mut Tree<'a>) -> Self {
        let number = tree.nodes.len();
        tree.nodes.push(Node::default());
        Self {
            number,
            node: Node {
                host,
                depth,
                ..Node::default()
            },
            is_fresh: true,
        }
    }
}

/// Reads the root and all below it; however deep they stand, there is no recursion.
fn nodes<'a>(
    mut cursor: Cursor<'_, 'a>,
    tree: &mut Tree<'a>,
    record: &mut PassRecord<'_, 'a>,
) -> Result<(), Refused> {
    let mut open = vec![Open::begin(0, None, tree)];
    while let Some(Open { node, is_fresh, .. }) = open.last_mut() {
        let key = cursor.next_member(std::mem::take(is_fresh))?;
        let has_child = match key.as_deref() {
            Some(b"children") => cursor.next_element(true)?,
            Some(key) => {
                fact(node, key, cursor.here(), tree, record)?;
                false
            }
            None => {
                if let Some(Open { number, node, .. }) = open.pop() {
                    let size = tree.nodes.len() - number;
                    tree.nodes[number] = Node { size, ..node };
                }
                !open.is_empty() && cursor.next_element(false)?
            }
        };
        if has_child && let Some(Open { node, .. }) = open.last() {
            let child = Open::begin(node.depth + 1, node.host.clone(), tree);
            open.push(child);
        }
    }
    Ok(())
}

/// Reads what a member says of a node.
fn fact<'a>(
    node: &mut Node<'a>,
    key: &[u8],
    cursor: Cursor<'_, 'a>,
    tree: &mut Tree<'a>,
    record: &mut PassRecord<'_, 'a>,
) -> Result<(), Refused> {
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
        b"adjusted" => node.adjusted = cursor.value()?.as_f64(),
        b"self" => node.own = cursor.value()?.as_f64(),
        b"critical" => node.critical = cursor.value()?.as_f64(),
        b"concurrent" => node.concurrent = cursor.value()?.raw == b"true",
        b"host" => node.host = some_text(cursor.value()?),
        b"process" => node.process = Some(cursor.value()?.text()),
        b"writers" => cursor.elements(|cursor| writer(cursor, &mut node.writers))?,
        b"exception" => node.exception = Some(cursor.value()?.text()),
        b"after" => node.after = count(cursor.value()?),
        b"records" => {
            node.records.start = tree.records.len();
            cursor.elements(|cursor| {
                if !cursor.is_object() {
                    return cursor.refuse("a record");
                }
                tree.records.push(record(cursor)?);
                Ok(())
            })?;
            node.records.end = tree.records.len();
        }
        _ => drop(cursor.value()?),
    }
    Ok(())
}

fn share<'a>(cursor: Cursor<'_, 'a>, shares: &mut Vec<Share<'a>>) -> Result<(), Refused> {
    let mut share = Share::default();
    cursor.members(|key, cursor| {
        let value = cursor.value()?;
        match key {
            b"process" => share.process = value.text(),
            b"host" => share.host = some_text(value),
            b"records" => share.records = count(value),
            b"nodes" => share.nodes = count(value),
            b"self" => share.own = value.as_f64().unwrap_or(0.0),
            _ => {}
        }
        Ok(())
    })?;
    shares.push(share);
    Ok(())
}

fn writer<'a>(cursor: Cursor<'_, 'a>, writers: &mut Vec<Writer<'a>>) -> Result<(), Refused> {
    let mut writer = Writer::default();
    cursor.members(|key, cursor| {
        let value = cursor.value()?;
        match key {
            b"process" => writer.process = value.text(),
            b"host" => writer.host = some_text(value),
            b"records" => writer.records = count(value),
            _ => {}
        }
        Ok(())
    })?;
    writers.push(writer);
    Ok(())
}

fn skew<'a>(cursor: Cursor<'_, 'a>, skews: &mut Vec<Skew<'a>>) -> Result<(), Refused> {
    let mut skew = Skew::default();
    cursor.members(|key, cursor| {
        let value = cursor.value()?;
        match key {
            b"from" => skew.from = value.text(),
            b"to" => skew.to = value.text(),
            b"min" => skew.min = value.as_f64(),
            b"max" => skew.max = value.as_f64(),
            b"violations" => skew.violations = count(value),
            _ => {}
        }
        Ok(())
    })?;
    skews.push(skew);
    Ok(())
}

fn some_text(value: Value<'_>) -> Option<Cow<'_, str>> {
    (value.kind != Kind::Null).then(|| value.text())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::write;

    #[test]
    fn depth_costs_no_stack() {
        const LEVELS: usize = 100_000;
        let node = |depth: usize| Node {
            id: depth.to_string().into(),
            depth,
            size: LEVELS - depth,
            ..Node::default()
        };
        let tree = Tree {
            nodes: (0..LEVELS).map(node).collect(),
            ..Tree::default()
        };
        let mut line = Vec::new();
        write(&tree, &mut line);
        let again = read(&line).expect("a tree");
        let facts = |tree: &Tree<'_>| -> Vec<_> {
            let fact = |node: &Node<'_>| (node.id.to_string(), node.depth, node.size);
            tree.nodes.iter().map(fact).collect()
        };
        assert_eq!(facts(&again), facts(&tree));
        // What is cut off is told where it ends.
        let cut = &line[..line.len() - 1];
        assert_eq!(read(cut).expect_err("its end").at, cut.len());
    }

    #[test]
    fn what_is_written_begins_as_such() {
        let tree = Tree {
            nodes: vec![Node::default()],
            ..Tree::default()
        };
        let mut line = Vec::new();
        write(&tree, &mut line);
        assert!(is_written(&line), "{}", String::from_utf8_lossy(&line));
        assert!(!is_written(br#"{"dl":{"kind":"node"}}"#));
    }

    #[test]
    fn a_summary_tells_what_is_known_without_nodes() {
        let line = |rest: &str| {
            format!(
                r#"{{"dl":{{"kind":"tree"}},"tree":"t","duration":2,"records":41,"nodes":7,"name":"pay"{rest}}}"#
            )
        };
        let check = |rest: &str, has_failed: bool| {
            let line = line(rest);
            let summary = read_summary(line.as_bytes()).expect("a summary");
            assert_eq!(summary.records, 41);
            assert_eq!(summary.tree.id, "t");
            assert_eq!(summary.tree.duration, Some(2.0));
            assert_eq!(summary.tree.root().name.as_deref(), Some("pay"));
            assert_eq!(summary.has_failed(), has_failed, "{line}");
        };
        check("", false);
        check(r#","errors":1,"status":"succeeded""#, true);
        check(r#","status":"succeeded","level":"error""#, false);
        check(r#","status":"running","level":"error""#, true);
        check(r#","status":"unknown","level":"warning""#, false);
        let whole =
            r#"{"dl":{"kind":"tree"},"tree":"t","root":{"node":"/","records":[],"children":[]}}"#;
        assert!(!is_summary(whole.as_bytes()));
        let odd = r#"{"dl":{"kind":"tree"},"tree":"t","nodes":[]}"#;
        assert!(!is_summary(odd.as_bytes()));
    }
}
