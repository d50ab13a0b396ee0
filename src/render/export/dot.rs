//! Graphviz: a cluster for each request, a box for each scope (REFERENCE.md §10).

use super::{
    Export, FactReader,
    scopes::{arrivals, name},
};
use crate::{
    render::{
        sanitize,
        text::{duration, fit},
    },
    tree::{Edge, Node, Status, Tree},
};

/// The columns of a label.
const LABEL: usize = 100;

/// Writes a graph.
#[derive(Debug, Default)]
pub struct Dot {
    trees: usize,
}

impl Export for Dot {
    fn head(&self) -> &'static str {
        "digraph distlog {\n  rankdir=LR\n  node [shape=box, style=filled, fillcolor=\"#f4f4f4\", fontname=\"sans-serif\"]\n  edge [fontname=\"sans-serif\", fontsize=10]\n"
    }

    fn tail(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"}\n");
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn takes_records(&self) -> bool {
        false
    }

    fn tree(&mut self, tree: &Tree<'_>, _: &mut FactReader, out: &mut Vec<u8>) {
        self.trees += 1;
        let trees = self.trees;
        let mut line = |text: String| {
            out.extend_from_slice(text.as_bytes());
            out.push(b'\n');
        };
        let title = format!("{} {}", tree.status.name(), label(&tree.id));
        line(format!("  subgraph \"cluster_{trees}\" {{"));
        line(format!("    label=\"{title}\""));
        let arrivals = arrivals(tree);
        for ((number, node), above) in tree.nodes.iter().enumerate().zip(tree.parents()) {
            let id = |number: usize| format!("\"{trees}.{number}\"");
            let look = look(node, arrivals[number].as_deref());
            line(format!("    {} [{look}]", id(number)));
            if number != above {
                let style = match node.edge {
                    Some(Edge::Tree) => " [style=dotted]",
                    Some(Edge::Join) => " [style=dashed]",
                    None => "",
                };
                line(format!("    {} -> {}{style}", id(above), id(number)));
            }
        }
        line("  }".to_owned());
    }
}

/// How a scope looks; its process is named where it is another one than that of the scope above.
fn look(node: &Node<'_>, hop: Option<&str>) -> String {
    let took = match node.duration {
        Some(seconds) => duration(seconds),
        None if node.status == Status::Running => "running".to_owned(),
        None => "-".to_owned(),
    };
    let mut text = format!("label=\"{}\\n{took}", label(&name(node)));
    if let Some(process) = hop {
        text.push_str(" @ ");
        text += &label(process);
    }
    if let Some(exception) = &node.exception {
        text.push_str("\\n");
        text += &label(exception);
    }
    text.push('"');
    text += match node.status {
        Status::Failed => ", color=\"#b00020\", fillcolor=\"#fde0e0\"",
        Status::Running => ", style=\"filled,dashed\", fillcolor=\"#fff6d6\"",
        Status::Unknown => ", style=\"filled,dotted\"",
        Status::Succeeded => "",
    };
    if node.critical.is_some() {
        text += ", penwidth=2";
    }
    text
}

/// A text between quotes. Besides them, backslashes and ampersands mean something in labels; XML
/// has no place for some characters that an SVG would have to hold.
fn label(text: &str) -> String {
    let mut label = String::new();
    for c in fit(&sanitize(text), LABEL).chars() {
        match c {
            '"' | '\\' => label.extend(['\\', c]),
            '&' => label.push_str("&amp;"),
            '\u{fffe}' | '\u{ffff}' => label.push('\u{fffd}'),
            c => label.push(c),
        }
    }
    label
}
