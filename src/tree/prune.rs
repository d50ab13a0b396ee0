//! Pruning: a part of a tree is a tree.

use super::{
    model::{Status, Tree},
    survey::count,
};

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

/// Takes out of a tree all that did not fail and has nothing below that did; false if nothing failed.
pub fn keep_failed(tree: &mut Tree<'_>) -> bool {
    let nodes = tree.nodes.iter();
    let failed: Vec<_> = nodes.map(|node| node.status == Status::Failed).collect();
    prune(tree, &failed, false)
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
}
