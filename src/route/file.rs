//! A file of rules: the text, checked as a whole.

use super::{
    Destination, Rule, RuleError,
    destination::Destinations,
    error::Place,
    router::Router,
    rule,
    text::{Entries, only, wrong},
    yaml::{self, Kind, Node},
};
use crate::{
    endpoint::Endpoint,
    record::{Instant, Reader},
};

/// All expressions of a file, in bytes: a reader has room for the fields that so much text
/// can name, and no one writes that many rules.
const LONGEST: usize = 64 << 10;

/// Rules in the order of their file.
#[derive(Debug)]
pub struct Rules {
    /// The rules.
    pub rules: Vec<Rule>,
    /// Where records go that no rule takes, by number; none drops them.
    pub default: Vec<usize>,
    /// All places that records go to, each once.
    pub destinations: Vec<Destination>,
    /// What is allowed and hardly meant.
    pub warnings: Vec<RuleError>,
}

impl Rules {
    /// Reads the text of a file; `now` is the time that its expressions speak of, and `read`
    /// reads the file of a key or says why it cannot;
    /// `usable` says why an endpoint cannot be written to.
    pub fn parse(
        text: &str,
        now: Instant,
        read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
        usable: &dyn Fn(&Endpoint) -> Result<(), String>,
    ) -> Result<Self, RuleError> {
        let root = yaml::parse(text)?;
        if matches!(root.kind, Kind::Nothing) {
            return Err(
                RuleError::new(Place { line: 1, column: 1 }, "the file is empty")
                    .hint("a file of rules begins with 'rules:'"),
            );
        }
        let entries = Entries::open(&root, "a mapping with 'rules'")?;
        only(&root, &["destinations", "rules", "default"])?;
        let mut destinations = Destinations::read(entries.get("destinations"), usable)?;
        let nodes = match entries.get("rules") {
            Some(Node {
                kind: Kind::List(nodes),
                ..
            }) => nodes.as_slice(),
            Some(node) => return Err(wrong(node, "a list of rules")),
            None => {
                let empty = entries.iter().find(|(name, _)| *name == "rules");
                return Err(match empty {
                    Some((_, node)) => RuleError::new(node.place, "'rules' has nothing behind it")
                        .hint("write 'rules: []' for none"),
                    None => RuleError::new(entries.place, "'rules' is missing"),
                });
            }
        };
        let mut rules: Vec<Rule> = Vec::new();
        let mut warnings = Vec::new();
        let mut all: Option<String> = None;
        for node in nodes {
            let name = rule::name(node)?;
            if rules.iter().any(|rule| rule.name == name) {
                return Err(RuleError::new(
                    node.place,
                    format!("another rule is called '{name}' already"),
                ));
            }
            let rule = rule::read(node, &name, text, &mut destinations, now, read)
                .map_err(|error| error.in_rule(&name))?;
            let warn = |reason: String| RuleError::new(node.place, reason).in_rule(&name);
            if let Some(above) = &all {
                warnings.push(warn(format!("never reached: rule '{above}' takes all")));
            } else if !rule.goes_on && rule.when.to_string() == "true" {
                all = Some(name.clone());
            }
            if rule.goes_on && rule.to.is_empty() {
                warnings.push(warn(
                    "drops nothing: 'continue' has the records go on".into(),
                ));
            }
            rules.push(rule);
        }
        let length: usize = rules.iter().map(|rule| rule.when.to_string().len()).sum();
        if length > LONGEST {
            return Err(RuleError::new(
                entries.place,
                format!("all expressions together are longer than {LONGEST} bytes"),
            ));
        }
        let default = match entries.get("default") {
            Some(node) => destinations.resolve(node)?,
            None => vec![destinations.standard()],
        };
        for (name, place) in destinations.unused() {
            let reason = format!("destination '{name}' is not used");
            warnings.push(RuleError::new(place, reason));
        }
        Ok(Self {
            rules,
            warnings,
            default,
            destinations: destinations.into_all(),
        })
    }

    /// Asks `reader` for the fields of all rules and returns what decides about its records.
    pub fn compile(&self, reader: &mut Reader) -> Router {
        Router::new(
            self.rules
                .iter()
                .map(|rule| (rule.when.compile(reader), rule.goes_on))
                .collect(),
        )
    }
}
