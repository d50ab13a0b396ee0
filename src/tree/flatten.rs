//! Flattening: the records of a tree again, in the order in which the tree tells them.

use super::model::{Node, Tree};

/// Hands out the records of `tree`, each with the node that it belongs to: each child after
/// the records that come before it.
pub fn flatten<'t, 'a>(tree: &'t Tree<'a>, mut record: impl FnMut(&'t Node<'a>, &'a [u8])) {
    // Nodes that are open, each with how many of its records have been handed out.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut hand_out = |(node, done): &mut (usize, usize), limit: usize| {
        let node = &tree.nodes[*node];
        let records = tree.records_of(node);
        let limit = limit.min(records.len());
        for line in records.get(*done..limit).unwrap_or_default() {
            record(node, line);
        }
        *done = limit.max(*done);
    };
    for (number, node) in tree.nodes.iter().enumerate() {
        while open.len() > node.depth
            && let Some(mut over) = open.pop()
        {
            hand_out(&mut over, usize::MAX);
        }
        if let Some(parent) = open.last_mut() {
            hand_out(parent, node.after);
        }
        open.push((number, 0));
    }
    while let Some(mut over) = open.pop() {
        hand_out(&mut over, usize::MAX);
    }
}
