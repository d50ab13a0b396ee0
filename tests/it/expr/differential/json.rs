//! JSON as `serde_json` reads it, but with what its `Value` forgets: equal keys, and how
//! numbers and containers were written.

use std::fmt;

use serde::{
    Deserialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    /// The elements, and the whole as it is written.
    Array(Vec<Json>, String),
    /// The members, and the whole as it is written.
    Object(Vec<(String, Json)>, String),
}

/// Which of the members of an object have the key.
type Choose<'j> = dyn Fn(&'j [Member], &str) -> Vec<&'j Member> + 'j;
type Member = (String, Json);

struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Visit)
    }
}

impl Json {
    pub(super) fn read(text: &str) -> serde_json::Result<Self> {
        let text = text.trim();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let Members(members) = serde_json::from_str(text)?;
                let read = |(key, raw): (String, Box<RawValue>)| Ok((key, Self::read(raw.get())?));
                let members: serde_json::Result<_> = members.into_iter().map(read).collect();
                Self::Object(members?, text.to_owned())
            }
            Some(b'[') => {
                let elements: Vec<Box<RawValue>> = serde_json::from_str(text)?;
                let elements: serde_json::Result<_> =
                    elements.iter().map(|raw| Self::read(raw.get())).collect();
                Self::Array(elements?, text.to_owned())
            }
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            Some(b't' | b'f') => Self::Bool(serde_json::from_str(text)?),
            Some(b'n') => {
                serde_json::from_str::<()>(text)?;
                Self::Null
            }
            _ => {
                serde_json::from_str::<f64>(text)?;
                Self::Number(text.to_owned())
            }
        })
    }

    /// The value at a path of keys and `[n]`, the last of equal keys at each step; nested
    /// readings come before those where a key holds dots.
    pub(super) fn last(&self, path: &[&str]) -> Option<&Self> {
        self.find(path, &|members, key| {
            members
                .iter()
                .rfind(|(name, _)| name == key)
                .into_iter()
                .collect()
        })
    }

    /// The first value at a path, through any of equal keys.
    pub(super) fn first(&self, path: &[&str]) -> Option<&Self> {
        self.find(path, &|members, key| {
            members.iter().filter(|(name, _)| name == key).collect()
        })
    }

    fn find<'j>(&'j self, path: &[&str], choose: &Choose<'j>) -> Option<&'j Self> {
        readings(path)
            .iter()
            .find_map(|path| self.follow(path, choose))
    }

    fn follow<'j>(&'j self, path: &[String], choose: &Choose<'j>) -> Option<&'j Self> {
        let Some((step, rest)) = path.split_first() else {
            return Some(self);
        };
        match self {
            Self::Object(members, _) => choose(members, step)
                .into_iter()
                .find_map(|(_, value)| value.follow(rest, choose)),
            Self::Array(elements, _) => {
                let index = step.strip_prefix('[')?.strip_suffix(']')?;
                elements
                    .get(index.parse::<usize>().ok()?)?
                    .follow(rest, choose)
            }
            _ => None,
        }
    }
}

/// `a.b` may stand nested or flat; the paths here have two keys at most.
fn readings(path: &[&str]) -> Vec<Vec<String>> {
    let nested = path.iter().map(ToString::to_string).collect();
    match path {
        [a, b] if !b.starts_with('[') => vec![nested, vec![format!("{a}.{b}")]],
        _ => vec![nested],
    }
}
