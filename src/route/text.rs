//! Reading nodes as what they have to be, with words for what they are not.

use super::{
    error::{Place, RuleError},
    yaml::{Kind, Node},
};
use crate::expr::nearest;

/// The entries of a mapping: each key once, and only keys of a closed list.
pub(super) struct Entries<'n> {
    entries: Vec<(&'n str, &'n Node)>,
    /// Where the mapping begins.
    pub(super) place: Place,
}

impl<'n> Entries<'n> {
    /// Reads the node as a mapping of any keys; `what` it is, for messages.
    pub(super) fn open(node: &'n Node, what: &str) -> Result<Self, RuleError> {
        let Kind::Map(map) = &node.kind else {
            return Err(RuleError::new(
                node.place,
                format!("expected {what}, found {}", node.kind.described()),
            ));
        };
        let mut entries: Vec<(&str, &Node, Place)> = Vec::new();
        for (key, value) in map {
            let Kind::Text(name) = &key.kind else {
                return Err(RuleError::new(
                    key.place,
                    format!("expected a name, found {}", key.kind.described()),
                ));
            };
            if let Some((_, _, first)) = entries.iter().find(|(other, _, _)| other == name) {
                return Err(RuleError::new(
                    key.place,
                    format!("'{}' stands in line {} already", shown(name), first.line),
                ));
            }
            entries.push((name, value, key.place));
        }
        Ok(Self {
            entries: entries.iter().map(|(key, node, _)| (*key, *node)).collect(),
            place: node.place,
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        let entry = self.entries.iter().find(|(name, _)| *name == key);
        // `key:` with nothing after it is as good as no key.
        entry
            .map(|(_, node)| *node)
            .filter(|node| !matches!(node.kind, Kind::Nothing))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'n str, &'n Node)> + '_ {
        self.entries.iter().copied()
    }
}

/// Refuses keys that are not in the list.
pub(super) fn only(node: &Node, known: &[&str]) -> Result<(), RuleError> {
    let Kind::Map(map) = &node.kind else {
        return Ok(());
    };
    for (key, _) in map {
        if let Kind::Text(name) = &key.kind
            && !known.contains(&name.as_str())
        {
            let error = RuleError::new(key.place, format!("unknown key '{}'", shown(name)));
            return Err(match nearest(name, known.iter().copied()) {
                Some(meant) => error.hint(format!("did you mean '{meant}'?")),
                None => error.hint(format!("known are {}", known.join(", "))),
            });
        }
    }
    Ok(())
}

/// A text.
pub(super) fn text<'n>(node: &'n Node, what: &str) -> Result<&'n str, RuleError> {
    match &node.kind {
        Kind::Text(text) => Ok(text),
        Kind::Number(_) | Kind::Bool(_) => Err(wrong(node, what).hint("put it in quotes")),
        _ => Err(wrong(node, what)),
    }
}

/// A number or a text, as it is written.
pub(super) fn scalar(node: &Node, what: &str) -> Result<String, RuleError> {
    match &node.kind {
        Kind::Text(text) | Kind::Number(text) => Ok(text.trim().to_owned()),
        Kind::Bool(value) => Ok(value.to_string()),
        _ => Err(wrong(node, what)),
    }
}

/// `true` or `false`.
pub(super) fn truth(node: &Node) -> Result<bool, RuleError> {
    match &node.kind {
        Kind::Bool(value) => Ok(*value),
        _ => Err(wrong(node, "true or false")),
    }
}

/// One node, or the nodes of a list that is not empty.
pub(super) fn one_or_many<'n>(node: &'n Node, what: &str) -> Result<Vec<&'n Node>, RuleError> {
    match &node.kind {
        Kind::List(nodes) if nodes.is_empty() => Err(RuleError::new(
            node.place,
            format!("expected {what}, found an empty list"),
        )),
        Kind::List(nodes) => Ok(nodes.iter().collect()),
        _ => Ok(vec![node]),
    }
}

pub(super) fn wrong(node: &Node, what: &str) -> RuleError {
    RuleError::new(
        node.place,
        format!("expected {what}, found {}", node.kind.described()),
    )
}

/// A text of the file in a message: on one line, harmless, and no longer than anybody reads.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let cut = if text.chars().nth(LONGEST).is_some() {
        "…"
    } else {
        ""
    };
    let harmless = |c: char| if c.is_control() { ' ' } else { c };
    text.chars()
        .take(LONGEST)
        .map(harmless)
        .chain(cut.chars())
        .collect()
}
