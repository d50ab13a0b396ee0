//! YAML as a tree of nodes that know where they stand.
//!
//! Nothing here knows rules. The tree is small, because a file of rules is, and it keeps
//! equal keys, so that whoever reads it can say where both are.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{
    Spanned,
    options::{DuplicateKeyPolicy, MergeKeyPolicy},
};

use super::error::{Place, RuleError};

/// A node and its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) kind: Kind,
}

/// What stands there.
#[derive(Debug)]
pub(super) enum Kind {
    Nothing,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Kind {
    /// In words, for messages.
    pub(super) fn described(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

/// Parses one document. A `-` by itself in the place of a value, which YAML takes for the
/// begin of a list, is standard output.
pub(super) fn parse(text: &str) -> Result<Node, RuleError> {
    let error = match parse_strictly(text) {
        Err(error) if error.reason.starts_with(LONE_DASH) => error,
        parsed => return parsed,
    };
    let mut lines: Vec<_> = text.split('\n').map(str::to_owned).collect();
    let mut at = error.place;
    // Each round puts another one in quotes, so that it comes to an end.
    while let Some(line) = usize::try_from(at.line)
        .ok()
        .and_then(|n| lines.get_mut(n - 1))
    {
        let Some(quoted) = quote_dash(line, at.column) else {
            break;
        };
        *line = quoted;
        match parse_strictly(&lines.join("\n")) {
            Err(error) if error.reason.starts_with(LONE_DASH) => at = error.place,
            parsed => return parsed,
        }
    }
    Err(error)
}

/// What the library says of a `-` where no list can begin.
const LONE_DASH: &str = "block sequence entries are not allowed";

/// The line with the `-` at a column in quotes, if nothing follows it.
fn quote_dash(line: &str, column: u64) -> Option<String> {
    let at = line
        .char_indices()
        .nth(usize::try_from(column).ok()? - 1)?
        .0;
    let after = line[at..].strip_prefix('-')?;
    let rest = after.trim();
    (rest.is_empty() || (rest.starts_with('#') && after.starts_with([' ', '\t'])))
        .then(|| format!("{}'-'{after}", &line[..at]))
}

fn parse_strictly(text: &str) -> Result<Node, RuleError> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location().map_or_else(
            || Place { line: 1, column: 1 },
            |at| Place {
                line: at.line(),
                column: at.column(),
            },
        );
        let words = error.to_string();
        // The place stands in front of the message already.
        let reason = words
            .rsplit_once(" at line ")
            .map_or(words.as_str(), |(reason, _)| reason);
        let error = RuleError::new(place, reason);
        if reason.contains("multiple YAML documents") {
            RuleError::new(place, "a second document begins here")
        } else if reason.starts_with(LONE_DASH) {
            error.hint("put a '-' that stands for standard output in quotes; a list begins on a line of its own")
        } else if reason.contains("unknown anchor") {
            error.hint("put a text that begins with '*' in quotes")
        } else if reason.starts_with("invalid trailing content") {
            error.hint("put all of a text that begins with a quote in quotes of the other kind")
        } else if reason.contains("tabs disallowed") {
            error.hint("indent with blanks")
        } else if reason.starts_with("mapping values are not allowed") {
            error.hint("put a text with ': ' in it in quotes")
        } else {
            error
        }
    })
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Spanned::<Kind>::deserialize(deserializer)?;
        Ok(Self {
            place: Place {
                line: node.referenced.line(),
                column: node.referenced.column(),
            },
            kind: node.value,
        })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyKind)
    }
}

struct AnyKind;

impl<'de> Visitor<'de> for AnyKind {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Nothing)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Kind, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Kind::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Kind, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Kind::Map(map))
    }
}
