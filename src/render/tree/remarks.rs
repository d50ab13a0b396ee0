//! What is to be remarked about a node: how it came to stand there, and what is odd.

use crate::{
    render::text::duration,
    tree::{Edge, Flag, Node},
};

/// The remarks, most telling first.
pub(super) fn remarks(node: &Node<'_>) -> Vec<String> {
    let edge = node.edge.map(|edge| match edge {
        Edge::Join => "joined".to_owned(),
        Edge::Tree => "place unknown".to_owned(),
    });
    let flags = node.flags.iter().map(|flag| words(*flag).to_owned());
    let adjusted = node.adjusted.map(|seconds| {
        let sign = if seconds < 0.0 { "" } else { "+" };
        format!("clock adjusted by {sign}{}", duration(seconds))
    });
    edge.into_iter().chain(flags).chain(adjusted).collect()
}

fn words(flag: Flag) -> &'static str {
    match flag {
        Flag::StartMissing => "start missing",
        Flag::Inferred => "never seen itself",
        Flag::Duplicate => "duplicate records",
        Flag::Late => "records after its end",
        Flag::Cycle => "below itself",
    }
}
