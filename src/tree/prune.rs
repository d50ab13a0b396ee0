//! Pruning: a part of a tree is a tree.

use super::{
    model::{Status, Tree},
    survey::count,
};
use crate::record::{Canonical, Found, Level, Reader};

/// Keeps the nodes that `wanted` says, those above them, and with `below` all below them;
/// false if none is wanted, and then the tree stays as it is. `selected` tells how many were
/// wanted, and what is counted is counted anew; what is said of the whole request stays.
pub fn prune(tree: &mut Tree<'_>, wanted: &[bool], below: bool) -> bool {
    let selected = wanted.iter().filter(|&&wanted| wanted).count();
    if selected == 0 {
        return false;
    }
    tree.selected = Some(selected);
    let mut kept = wanted.to_vec();
    if below {
        let mut end = 0;
        for (number, node) in tree.nodes.iter().enumerate() {
            if wanted[number] {
                end = end.max(number + node.size);
            }
            kept[number] |= number < end;
        }
    }
    let parents = tree.parents();
    for number in (1..kept.len()).rev() {
        kept[parents[number]] |= kept[number];
    }
    if kept.contains(&false) {
        cut(tree, &kept, &parents);
        count(tree);
    }
    true
}

/// Tells what failed in trees.
#[derive(Debug)]
pub struct Failures {
    reader: Reader,
    found: Found,
}

impl Default for Failures {
    fn default() -> Self {
        let mut reader = Reader::default();
        reader.canonical(Canonical::Level);
        Self {
            reader,
            found: Found::default(),
        }
    }
}

impl Failures {
    /// Takes out of a tree all that did not fail and has nothing below that did; false if nothing failed. Where
    /// nothing tells how a scope has ended, as of what a proxy logs of a request, an error among its records does.
    pub fn keep(&mut self, tree: &mut Tree<'_>) -> bool {
        let mut failed = Vec::with_capacity(tree.nodes.len());
        for node in &tree.nodes {
            failed.push(match node.status {
                Status::Failed => true,
                Status::Succeeded => false,
                Status::Running | Status::Unknown => {
                    let mut records = tree.records[node.records.clone()].iter();
                    records.any(|record| self.is_error(record))
                }
            });
        }
        prune(tree, &failed, false)
    }

    fn is_error(&mut self, record: &[u8]) -> bool {
        let record = self.reader.read(record, &mut self.found);
        record.is_ok_and(|record| record.level() >= Some(Level::ERROR))
    }
}

/// Takes out the nodes that are not kept; all those above one that is kept are.
fn cut(tree: &mut Tree<'_>, kept: &[bool], parents: &[usize]) {
    let mut records = Vec::new();
    for (node, _) in tree.nodes.iter_mut().zip(kept).filter(|(_, kept)| **kept) {
        let start = records.len();
        records.extend_from_slice(&tree.records[node.records.clone()]);
        node.records = start..records.len();
        node.size = 1;
    }
    for number in (1..kept.len()).rev() {
        if kept[number] {
            tree.nodes[parents[number]].size += tree.nodes[number].size;
        }
    }
    let mut each = kept.iter();
    tree.nodes.retain(|_| each.next() == Some(&true));
    tree.records = records;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Assembler, read, write};

    fn record(level: &str, name: &str) -> String {
        format!(
            r#"{{"task_uuid":"t","task_level":[{level}],"action_type":"{name}","action_status":"started"}}"#
        )
    }

    fn name<'n>(node: &'n crate::tree::Node<'_>) -> &'n str {
        node.name.as_deref().unwrap_or_default()
    }

    /// What is left of a tree: the names of its nodes, its records and how many matched.
    fn left(wanted: &[&str], below: bool) -> Option<(String, usize, Option<usize>)> {
        let records = [
            record("1", "a"),
            record("2,1", "b"),
            record("2,2,1", "c"),
            record("2,2,2,1", "d"),
            record("3,1", "e"),
            record("3,2,1", "f"),
        ];
        let lines: Vec<_> = records.iter().map(String::as_bytes).collect();
        let mut tree = Assembler::default().assemble(&lines);
        let wanted: Vec<_> = tree
            .nodes
            .iter()
            .map(|node| wanted.contains(&name(node)))
            .collect();
        if !prune(&mut tree, &wanted, below) {
            return None;
        }
        // It is a tree that can be written and read.
        let mut line = Vec::new();
        write(&tree, &mut line);
        let tree = read(&line).expect("a tree");
        let names = tree.nodes.iter().map(name).collect();
        Some((names, tree.records.len(), tree.selected))
    }

    #[test]
    fn what_is_selected_stands_where_it_stood() {
        let check = |wanted: &[&str], below, names: &str| {
            let expect = (names.to_owned(), names.len(), Some(wanted.len()));
            assert_eq!(left(wanted, below), Some(expect), "{wanted:?}");
        };
        check(&["c"], false, "abc");
        check(&["c"], true, "abcd");
        check(&["d", "e"], false, "abcde");
        check(&["a"], false, "a");
        check(&["a"], true, "abcdef");
        check(&["f", "b"], true, "abcdef");
        check(&["f"], false, "aef");
        assert_eq!(left(&[], true), None);
    }

    #[test]
    fn an_error_counts_where_nothing_tells_how_a_scope_ended() {
        let check = |lines: &[&str], expect: Option<&[&str]>| {
            let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
            let mut tree = Assembler::default().assemble(&lines);
            let kept = Failures::default().keep(&mut tree);
            let nodes: Vec<_> = tree.nodes.iter().map(|node| &*node.id).collect();
            assert_eq!(kept.then_some(&nodes[..]), expect);
        };
        let ended = |level: &str, end: &str| {
            let ids = format!(r#""task_uuid":"t","task_level":[{level}]"#);
            format!(r#"{{{ids},"action_type":"a","action_status":"{end}"}}"#)
        };
        let (start, end) = (ended("1", "started"), ended("4", "succeeded"));
        let (inner, failed) = (ended("2,1", "started"), ended("2,2", "failed"));
        let said = r#"{"task_uuid":"t","task_level":[3],"message_type":"eliot:traceback"}"#;
        let all = [&*start, &*inner, &*failed, said, &*end];
        check(&all, Some(&["/", "/2"]));
        // It was said, and the scope went on.
        check(&[&*start, said, &*end], None);
        check(&[&*start, said], Some(&["/"]));
        let proxy = r#"{"request_id":"b1946ac9-2c4f","level":"error","message":"timed out"}"#;
        check(&[proxy], Some(&["/"]));
        check(&[&proxy.replace("error", "warn")], None);
    }
}
