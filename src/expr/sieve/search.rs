//! The search for several patterns at a time: texts, and keys with something behind them.

use aho_corasick::{AhoCorasick, Input, packed};
use memchr::memmem::Finder;

use super::{check::Check, token::value_after};

/// What is looked for: a text, or a key with its closing quote. Without the opening one,
/// `level"` also finds `"log.level"`, and the search is faster because not all keys begin
/// with the same byte.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) text: Box<[u8]>,
    pub(super) means: Means,
}

impl Pattern {
    fn is_key(&self) -> bool {
        matches!(self.means, Means::Key(_))
    }

    /// True if what is asked for is a key inside of the object behind the one that is found.
    pub(super) fn looks_inside(&self) -> bool {
        matches!(&self.means, Means::Key(checks)
            if checks.iter().any(|check| matches!(check, Check::Inside(..))))
    }
}

/// What it means to find it.
#[derive(Clone, Debug)]
pub(super) enum Means {
    /// The line may be selected.
    Text,
    /// It may be if any of these may hold for the value behind the key.
    Key(Vec<Check>),
}

/// Patterns, ready to be searched for; any of them will do.
#[derive(Clone, Debug)]
pub(super) struct Search {
    engine: Engine,
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
enum Engine {
    One(Box<Finder<'static>>),
    /// A few, with SIMD.
    Few(Box<packed::Searcher>),
    Many(Box<AhoCorasick>),
    /// More than an automaton is made for: everything is found everywhere.
    All,
}

impl Search {
    /// A search for any of the patterns.
    pub(super) fn new(patterns: Vec<Pattern>) -> Self {
        let patterns = merged(patterns);
        let engine = Engine::new(&patterns);
        Self { engine, patterns }
    }

    /// The patterns in words.
    pub(super) fn wants(&self) -> Vec<String> {
        let words = |pattern: &Pattern| {
            let text = String::from_utf8_lossy(&pattern.text);
            match pattern.means {
                Means::Text => format!("the text {text}"),
                Means::Key(_) => {
                    let key = text.trim_end_matches('"');
                    format!("a key that ends with {key} and has a value that passes")
                }
            }
        };
        self.patterns.iter().map(words).collect()
    }

    /// Where the next pattern stands that means something, at `from` or after it.
    pub(super) fn find(&self, bytes: &[u8], mut from: usize) -> Option<usize> {
        loop {
            let (start, end, pattern) = match &self.engine {
                Engine::One(finder) => {
                    let start = from + finder.find(bytes.get(from..)?)?;
                    (start, start + finder.needle().len(), 0)
                }
                Engine::Few(searcher) => {
                    let range = from.min(bytes.len())..bytes.len();
                    let found = searcher.find_in(bytes, range.into())?;
                    (found.start(), found.end(), found.pattern().as_usize())
                }
                Engine::Many(automaton) => {
                    let found = automaton.find(Input::new(bytes).range(from.min(bytes.len())..))?;
                    (found.start(), found.end(), found.pattern().as_usize())
                }
                Engine::All => return (from < bytes.len()).then_some(from),
            };
            match &self.patterns[pattern].means {
                Means::Text => return Some(start),
                Means::Key(checks) => {
                    if let Some(value) = value_after(bytes, end)
                        && checks.iter().any(|check| check.may_hold(value))
                    {
                        return Some(start);
                    }
                }
            }
            // A pattern may begin within the one that was found.
            from = start + 1;
        }
    }
}

impl Engine {
    fn new(patterns: &[Pattern]) -> Self {
        let texts = || patterns.iter().map(|pattern| &pattern.text);
        if let [only] = patterns {
            return Self::One(Box::new(Finder::new(&only.text).into_owned()));
        }
        // The first of several that begin at one place is found: texts stand before keys.
        let few = packed::Config::new().builder().extend(texts()).build();
        if let Some(searcher) = few {
            return Self::Few(Box::new(searcher));
        }
        AhoCorasick::builder()
            .match_kind(aho_corasick::MatchKind::LeftmostFirst)
            .build(texts())
            .map_or(Self::All, |automaton| Self::Many(Box::new(automaton)))
    }
}

/// The patterns without those that are found with another one: equal ones, and keys that
/// end as a shorter one does. Texts stand first.
fn merged(mut patterns: Vec<Pattern>) -> Vec<Pattern> {
    // The sort is stable, so that a search is the same from run to run.
    patterns.sort_by_key(|pattern| (pattern.is_key(), pattern.text.len()));
    let mut merged: Vec<Pattern> = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        let with = merged.iter_mut().find(|other| match other.means {
            Means::Text => other.text == pattern.text,
            Means::Key(_) => pattern.text.ends_with(&other.text),
        });
        match (with.map(|other| &mut other.means), pattern.means) {
            (Some(Means::Key(checks)), Means::Key(more)) => {
                for check in more {
                    check.add(checks);
                }
            }
            (Some(_), _) => {}
            (None, means) => merged.push(Pattern { means, ..pattern }),
        }
    }
    merged
}
