//! Pruning: a part of a tree is a tree.

use super::{model::Tree, survey::count};

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
