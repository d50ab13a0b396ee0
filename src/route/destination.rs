//! Destinations: what rules send records to, each once though many rules name it.

use super::{
    error::{Place, RuleError},
    text::{Entries, one_or_many, only, shown, text},
    yaml::Node,
};
use crate::{endpoint::Endpoint, expr::nearest};

/// The topic of ZeroMQ messages where none is given: production, log, JSON.
const TOPIC: &str = "PLJ";
/// Where records go to be counted and not written.
pub(super) const DROP: &str = "drop";

/// A place that records go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Where it is.
    pub endpoint: Endpoint,
    /// The first frame of ZeroMQ messages; none sends single frames.
    pub topic: Option<String>,
}

/// All destinations of a file, and the names that some have.
pub(super) struct Destinations<'u> {
    all: Vec<Destination>,
    named: Vec<Named>,
    usable: Usable<'u>,
}

/// Says why an endpoint cannot be written to: this module does no I/O.
pub(super) type Usable<'u> = &'u dyn Fn(&Endpoint) -> Result<(), String>;

/// A destination that has a name.
struct Named {
    name: String,
    place: Place,
    destination: Destination,
    used: bool,
}

impl<'u> Destinations<'u> {
    /// Reads the names under `destinations`.
    pub(super) fn read(node: Option<&Node>, usable: Usable<'u>) -> Result<Self, RuleError> {
        let mut named: Vec<Named> = Vec::new();
        if let Some(node) = node {
            for (name, node) in Entries::open(node, "a mapping of names to destinations")?.iter() {
                if !is_name(name) || name == DROP {
                    return Err(RuleError::new(
                        node.place,
                        format!("'{}' cannot be the name of a destination", shown(name)),
                    )
                    .hint("a name has letters, digits, '_' and '-', and is not 'drop'"));
                }
                named.push(Named {
                    name: name.to_owned(),
                    place: node.place,
                    destination: destination(node, usable)?,
                    used: false,
                });
            }
        }
        Ok(Self {
            all: Vec::new(),
            named,
            usable,
        })
    }

    /// The places that `to` or `default` names, by their numbers; none for `drop`.
    pub(super) fn resolve(&mut self, node: &Node) -> Result<Vec<usize>, RuleError> {
        let nodes = one_or_many(node, "a destination")?;
        let mut numbers = Vec::new();
        for node in &nodes {
            let word = text(node, "a destination")?.trim();
            if word == DROP {
                if nodes.len() > 1 {
                    return Err(RuleError::new(node.place, "'drop' stands alone"));
                }
                return Ok(Vec::new());
            }
            let destination = self.find(node, word)?;
            let number = self.number(destination);
            if numbers.contains(&number) {
                return Err(RuleError::new(
                    node.place,
                    format!("'{}' stands here twice", shown(word)),
                ));
            }
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// The number of a destination that was not written down.
    pub(super) fn standard(&mut self) -> usize {
        self.number(Destination {
            endpoint: Endpoint::Standard,
            topic: Some(TOPIC.to_owned()),
        })
    }

    /// The names that nothing has named.
    pub(super) fn unused(&self) -> impl Iterator<Item = (&str, Place)> {
        let unused = self.named.iter().filter(|named| !named.used);
        unused.map(|named| (named.name.as_str(), named.place))
    }

    pub(super) fn into_all(self) -> Vec<Destination> {
        self.all
    }

    fn find(&mut self, node: &Node, word: &str) -> Result<Destination, RuleError> {
        if let Some(named) = self.named.iter_mut().find(|named| named.name == word) {
            named.used = true;
            return Ok(named.destination.clone());
        }
        // A bare word is a name, so that a slip does not make a file.
        if is_name(word) {
            let error = RuleError::new(node.place, format!("no destination '{}'", shown(word)));
            let names = self.named.iter().map(|named| named.name.as_str());
            return Err(match nearest(word, names.chain([DROP])) {
                Some(meant) => error.hint(format!("did you mean '{meant}'?")),
                None => error.hint(file_hint(word)),
            });
        }
        endpoint(node, word, self.usable)
    }

    fn number(&mut self, destination: Destination) -> usize {
        let known = self.all.iter().position(|other| *other == destination);
        known.unwrap_or_else(|| {
            self.all.push(destination);
            self.all.len() - 1
        })
    }
}

/// `NAME: ENDPOINT` or `NAME: {to: ENDPOINT, topic: TEXT}`.
fn destination(node: &Node, usable: Usable<'_>) -> Result<Destination, RuleError> {
    if let super::yaml::Kind::Text(word) = &node.kind {
        return place(node, word.trim(), usable);
    }
    let entries = Entries::open(node, "an endpoint, or a mapping with 'to'")?;
    only(node, &["to", "topic"])?;
    let to = entries
        .get("to")
        .ok_or_else(|| RuleError::new(node.place, "'to' is missing"))?;
    let mut destination = place(to, text(to, "an endpoint")?.trim(), usable)?;
    if let Some(topic) = entries.get("topic") {
        if !matches!(destination.endpoint, Endpoint::ZeroMq(_)) {
            return Err(RuleError::new(
                topic.place,
                "only ZeroMQ messages have a topic",
            ));
        }
        let topic = text(topic, "a topic")?;
        destination.topic = (!topic.is_empty()).then(|| topic.to_owned());
    }
    Ok(destination)
}

/// What stands behind a name: an endpoint, and not another name.
fn place(node: &Node, word: &str, usable: Usable<'_>) -> Result<Destination, RuleError> {
    if is_name(word) {
        let reason = format!("'{}' is a name, and no place", shown(word));
        return Err(RuleError::new(node.place, reason).hint(file_hint(word)));
    }
    endpoint(node, word, usable)
}

fn file_hint(word: &str) -> String {
    format!("write ./{} for a file of that name", shown(word))
}

fn endpoint(node: &Node, word: &str, usable: Usable<'_>) -> Result<Destination, RuleError> {
    let endpoint =
        Endpoint::parse(word).map_err(|error| RuleError::new(node.place, error.to_string()))?;
    usable(&endpoint).map_err(|reason| RuleError::new(node.place, reason))?;
    Ok(Destination {
        endpoint,
        topic: Some(TOPIC.to_owned()),
    })
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}
