//! Flattening: the records of a tree again, in the order in which the tree tells them.

use super::model::Tree;

/// Hands out the records of `tree`, each with the number of the node that it belongs to: each
/// child after the records that come before it.
pub fn flatten<'a>(tree: &Tree<'a>, mut record: impl FnMut(usize, &'a [u8])) {
    // Nodes that are open, each with how many of its records have been handed out.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut hand_out = |(number, done): &mut (usize, usize), limit: usize| {
        let records = tree.records_of(&tree.nodes[*number]);
        let limit = limit.min(records.len());
        for line in records.get(*done..limit).unwrap_or_default() {
            record(*number, line);
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
