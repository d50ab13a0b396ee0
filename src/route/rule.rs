//! One rule: what it takes, what it does to that, and where it sends it.

use super::{
    destination::Destinations,
    error::{Place, RuleError},
    text::{Entries, one_or_many, only, scalar, shown, text, truth},
    yaml::{Kind, Node},
};
use crate::{
    clean::{HashKey, Redactor, Replacement, Sampler, Throttle},
    expr::Expr,
    record::Instant,
};

const KEYS: &[&str] = &[
    "name", "when", "to", "continue", "sample", "throttle", "redact",
];

/// Reads the file of a key, or says why it cannot: this module does no I/O.
pub(super) type ReadKey<'r> = &'r dyn Fn(&str) -> Result<Vec<u8>, String>;

/// A rule of a file.
#[derive(Debug)]
pub struct Rule {
    /// What it is called.
    pub name: String,
    /// Which records it takes.
    pub when: Expr,
    /// The destinations, by their numbers; none drops the records.
    pub to: Vec<usize>,
    /// True if the records go on to the rules below.
    pub goes_on: bool,
    /// Keeps a share of the records.
    pub sample: Option<Sampler>,
    /// How many records it lets through, and by which field: the texts of `throttle`.
    pub throttle: Option<Limit>,
    /// Hides what must not leave.
    pub redact: Option<Redactor>,
}

/// The rate of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    rate: String,
    by: Option<String>,
}

impl Limit {
    /// A throttle of this rate, for the rule of that name.
    pub fn throttle(&self, rule: &str) -> Option<Throttle> {
        // The texts were checked when the file was read.
        Throttle::parse(&self.rate, self.by.as_deref())
            .ok()
            .map(|throttle| throttle.for_rule(rule))
    }
}

/// Reads the name of a rule, which every other message about it wants.
pub(super) fn name(node: &Node) -> Result<String, RuleError> {
    let entries = Entries::open(node, "a rule, which is a mapping")?;
    let Some(name) = entries.get("name") else {
        only(node, KEYS)?;
        return Err(
            RuleError::new(entries.place, "the rule has no name").hint("begin it with '- name: …'")
        );
    };
    let text = text(name, "a name")?.trim();
    if text.is_empty() || text != shown(text) {
        return Err(RuleError::new(
            name.place,
            "a name has up to 60 characters on one line",
        ));
    }
    Ok(text.to_owned())
}

/// Reads the rest of a rule.
pub(super) fn read(
    node: &Node,
    name: &str,
    file: &str,
    destinations: &mut Destinations<'_>,
    now: Instant,
    read: ReadKey<'_>,
) -> Result<Rule, RuleError> {
    let entries = Entries::open(node, "a rule, which is a mapping")?;
    only(node, KEYS)?;
    let when = match entries.get("when") {
        Some(node) => when(node, file, now)?,
        None => Expr::always(),
    };
    let to = match entries.get("to") {
        Some(to) => destinations.resolve(to)?,
        None => {
            return Err(RuleError::new(entries.place, "'to' is missing")
                .hint("name a destination, or 'drop'"));
        }
    };
    Ok(Rule {
        name: name.to_owned(),
        when,
        to,
        goes_on: entries.get("continue").map_or(Ok(false), truth)?,
        sample: entries.get("sample").map(sample).transpose()?,
        throttle: entries.get("throttle").map(throttle).transpose()?,
        redact: entries
            .get("redact")
            .map(|node| redact(node, read))
            .transpose()?,
    })
}

fn when(node: &Node, file: &str, now: Instant) -> Result<Expr, RuleError> {
    let text = scalar(node, "an expression")?;
    Expr::parse(&text, now).map_err(|error| {
        let column = (error.line() == 1).then(|| error.column());
        let place = column.and_then(|column| exact(node, file, &text, column));
        RuleError::new(place.unwrap_or(node.place), format!("when: {error}"))
    })
}

/// The place of a column of an expression that stands in the file as it is, in quotes or not.
fn exact(node: &Node, file: &str, text: &str, column: usize) -> Option<Place> {
    let Place { line, column: at } = node.place;
    let line = file.lines().nth(usize::try_from(line).ok()? - 1)?;
    let before = usize::try_from(at).ok()? - 1;
    let rest = &line[line.char_indices().nth(before)?.0..];
    let quote = usize::from(rest.starts_with(['\'', '"']));
    rest[quote..].starts_with(text).then(|| Place {
        line: node.place.line,
        column: at + (quote + column - 1) as u64,
    })
}

/// `1/100` or `1/100 by tree`.
fn sample(node: &Node) -> Result<Sampler, RuleError> {
    let text = scalar(node, "a share such as 1/100, or '1/100 by tree'")?;
    let (share, by) = split(&text);
    Sampler::parse(share, by.unwrap_or("tree"))
        .map_err(|error| refused(node, "sample", &error.to_string(), error.hint()))
}

/// `100/s` or `100/s by logger`.
fn throttle(node: &Node) -> Result<Limit, RuleError> {
    let text = scalar(node, "a rate such as 100/s, or '100/s by logger'")?;
    let (rate, by) = split(&text);
    Throttle::parse(rate, by)
        .map_err(|error| refused(node, "throttle", &error.to_string(), error.hint()))?;
    Ok(Limit {
        rate: rate.to_owned(),
        by: by.map(str::to_owned),
    })
}

fn split(text: &str) -> (&str, Option<&str>) {
    match text.split_once(" by ") {
        Some((amount, field)) => (amount.trim(), Some(field.trim())),
        None => (text, None),
    }
}

/// What is redacted, one text or a list; or a mapping of it under `what`, with the text or the
/// file of the key that `with` or `key` names.
fn redact(node: &Node, read: ReadKey<'_>) -> Result<Redactor, RuleError> {
    let (what, with) = match &node.kind {
        Kind::Map(_) => {
            let entries = Entries::open(node, "what is to be redacted")?;
            only(node, &["what", "with", "key"])?;
            let what = entries
                .get("what")
                .ok_or_else(|| RuleError::new(node.place, "redact: 'what' is missing"))?;
            (what, replacement(&entries, read)?)
        }
        _ => (node, Replacement::default()),
    };
    let mut texts = Vec::new();
    for node in one_or_many(what, "what is to be redacted")? {
        texts.push(text(node, "the name of a field or a pattern")?);
    }
    Redactor::parse(&texts, with)
        .map_err(|error| refused(what, "redact", &error.to_string(), error.hint()))
}

fn replacement(entries: &Entries<'_>, read: ReadKey<'_>) -> Result<Replacement, RuleError> {
    match (entries.get("with"), entries.get("key")) {
        (Some(with), Some(key)) if text(with, "a text")? != "hash" => Err(RuleError::new(
            key.place,
            "redact: 'with' and 'key' exclude each other",
        )),
        (Some(with), None) => {
            let text = text(with, "a text that takes the place of values")?;
            if text == "hash" {
                let reason = "with: hash: there is no key";
                let hint = "name the file that has it: key: FILE";
                return Err(refused(with, "redact", reason, Some(hint)));
            }
            Ok(Replacement::Text(text.to_owned()))
        }
        (_, Some(node)) => {
            let file = text(node, "the name of a file")?;
            let bytes = read(file).map_err(|reason| refused(node, "redact", &reason, None))?;
            let key = HashKey::new(&bytes)
                .map_err(|error| refused(node, "redact", &error.to_string(), error.hint()))?;
            Ok(Replacement::Hash(key))
        }
        (None, None) => Ok(Replacement::default()),
    }
}

fn refused(node: &Node, key: &str, reason: &str, hint: Option<&str>) -> RuleError {
    let error = RuleError::new(node.place, format!("{key}: {reason}"));
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
