//! Folded stacks, for flame graphs: a line for each scope with the microseconds that it spent
//! itself (REFERENCE.md §10).

use super::{Export, FactReader, scopes::name};
use crate::{render::sanitize, tree::Tree};

/// Writes folded stacks.
#[derive(Debug, Default)]
pub struct Folded;

impl Export for Folded {
    fn takes_records(&self) -> bool {
        false
    }

    fn tree(&mut self, tree: &Tree<'_>, _: &mut FactReader, out: &mut Vec<u8>) {
        let mut stack: Vec<String> = Vec::new();
        for node in &tree.nodes {
            stack.truncate(node.depth);
            stack.push(frame(&name(node)));
            // What takes no time has no place in a flame graph.
            if let Some(micros) = node.own.and_then(micros) {
                out.extend_from_slice(stack.join(";").as_bytes());
                out.extend_from_slice(format!(" {micros}\n").as_bytes());
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is positive, and saturates"
)]
fn micros(seconds: f64) -> Option<u64> {
    let micros = (seconds * 1e6).round();
    (micros >= 1.0).then_some(micros as u64)
}

/// A name as a frame. A semicolon would end it, and a number at its end would be taken for a count
/// if the blank in front of it were a plain one.
fn frame(name: &str) -> String {
    let plain = |c: char| match c {
        ';' => ',',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    let mut frame: String = sanitize(name).chars().map(plain).collect();
    if frame.trim().is_empty() {
        frame.replace_range(.., "_");
    }
    let frame = frame.trim();
    match frame.rsplit_once(' ') {
        Some((words, last)) if last.parse::<f64>().is_ok() => format!("{words}\u{a0}{last}"),
        _ => frame.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_frame() {
        let check = |name: &str, expect: &str| assert_eq!(frame(name), expect);
        check("a; b", "a, b");
        check("order 17", "order\u{a0}17");
        check("17", "17");
        check(" a\u{2003}b ", "a b");
        check("a\nb", "a\\nb");
        check("", "_");
    }
}
