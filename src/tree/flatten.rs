//! Flattening: the records of a tree again, in the order in which the tree tells them.

use super::model::{Node, Tree};

/// Hands out the records of `tree`: each child after the records that come before it.
pub fn flatten<'a>(tree: &Tree<'a>, mut record: impl FnMut(&'a [u8])) {
    walk(&tree.root, &mut record);
}

fn walk<'a>(node: &Node<'a>, record: &mut impl FnMut(&'a [u8])) {
    let mut children = node.children.iter().peekable();
    for (at, line) in node.records.iter().enumerate() {
        while let Some(child) = children.next_if(|child| child.after <= at) {
            walk(child, record);
        }
        record(line);
    }
    for child in children {
        walk(child, record);
    }
}
