//! What a selected line must contain, found from the expression.

use memchr::memmem::Finder;

use super::{
    check::Check,
    heads::Heads,
    literal,
    search::{Means, Pattern, Search},
    words::Words,
};
use crate::{
    expr::{
        ast::{self, Literal, Node, Order, Test},
        compile::{of_canonical, value_test},
        field::Subject,
        filter::Probe,
        judge::Judged,
    },
    record::{Canonical, Kind, Path, Place, Step, Value},
};

/// A condition on the bytes of a line that is necessary for its selection.
#[derive(Clone, Debug)]
pub(super) enum Clue {
    /// Nothing is known.
    Unknown,
    All(Vec<Clue>),
    Any(Vec<Clue>),
    /// One of these stands in the line.
    Found(Vec<Pattern>),
}

/// A clue that can be asked.
#[derive(Clone, Debug)]
pub(super) enum Question {
    /// Nothing is asked.
    Nothing,
    All(Vec<Question>),
    Any(Vec<Question>),
    Found(Search),
}

impl Question {
    /// True unless the condition fails.
    pub(super) fn may_hold(&self, line: &[u8]) -> bool {
        match self {
            Self::Nothing => true,
            Self::All(questions) => questions.iter().all(|question| question.may_hold(line)),
            Self::Any(questions) => questions.iter().any(|question| question.may_hold(line)),
            Self::Found(search) => search.find(line, 0).is_some(),
        }
    }
}

/// Beyond so many texts it is faster to look at what stands behind the key: the vector search
/// takes no more than 64 patterns.
const MOST_TEXTS: usize = 60;

impl Clue {
    /// The necessary condition of a node.
    pub(super) fn of(node: &Node) -> Self {
        match node {
            Node::Constant(_) | Node::Not(_) => Self::Unknown,
            Node::All(nodes) => Self::all(
                nodes
                    .iter()
                    .filter(|node| positive(node).is_none())
                    .map(Self::of)
                    .chain(by_subject(nodes).iter().map(|tests| Self::of_tests(tests))),
            ),
            Node::Any(nodes) => Self::any(nodes.iter().map(Self::of)),
            Node::Exists(subject) => Self::found(exists(subject)),
            Node::Test(test) if test.negated => Self::Unknown,
            Node::Test(test) => Self::of_tests(&[test]),
            Node::Judged(_, Judged(judge)) => {
                Self::found(judge.marks().and_then(|all| marks(&all)))
            }
        }
    }

    /// The necessary condition of tests of one field, none of them negated. It has one value,
    /// which has to pass them all.
    fn of_tests(tests: &[&Test]) -> Self {
        let spelt = tests.iter().map(|test| Self::found(texts(test)));
        Self::all(spelt.chain([Self::found(keys(tests))]))
    }

    fn all(clues: impl Iterator<Item = Self>) -> Self {
        let mut known: Vec<_> = clues
            .filter(|clue| !matches!(clue, Self::Unknown))
            .collect();
        match known.len() {
            0 => Self::Unknown,
            1 => known.swap_remove(0),
            _ => Self::All(known),
        }
    }

    fn any(clues: impl Iterator<Item = Self>) -> Self {
        let clues: Vec<_> = clues.collect();
        if clues.iter().any(|clue| matches!(clue, Self::Unknown)) {
            Self::Unknown
        } else {
            Self::Any(clues)
        }
    }

    fn found(patterns: Option<Vec<Pattern>>) -> Self {
        patterns.map_or(Self::Unknown, Self::Found)
    }

    fn question(self) -> Question {
        let all = |clues: Vec<Self>| clues.into_iter().map(Self::question).collect();
        match self {
            Self::Unknown => Question::Nothing,
            Self::All(clues) => Question::All(all(clues)),
            Self::Any(clues) => Question::Any(all(clues)),
            Self::Found(patterns) => Question::Found(Search::new(patterns)),
        }
    }

    /// The patterns to search chunks for, and what is left to be asked of a line with one.
    pub(super) fn split(mut self) -> Option<(Vec<Pattern>, Question)> {
        let lead = self.lead()?;
        let rest = match &mut self {
            Self::Found(..) => Self::Unknown,
            Self::All(clues) => {
                if let Some(best) = best(clues) {
                    // What the lead asks already need not be asked again.
                    if matches!(clues[best], Self::Found(..)) {
                        clues.remove(best);
                    }
                }
                self
            }
            Self::Any(clues) if clues.iter().all(|clue| matches!(clue, Self::Found(..))) => {
                Self::Unknown
            }
            _ => self,
        };
        Some((lead, rest.question()))
    }

    /// Patterns of which one must be found.
    fn lead(&self) -> Option<Vec<Pattern>> {
        match self {
            Self::Unknown => None,
            Self::Found(patterns) => Some(patterns.clone()),
            Self::All(clues) => clues[best(clues)?].lead(),
            Self::Any(clues) => {
                let leads: Option<Vec<_>> = clues.iter().map(Self::lead).collect();
                Some(leads?.concat())
            }
        }
    }

    /// What it costs to search for the lead, roughly.
    fn cost(&self) -> usize {
        let each = |pattern: &Pattern| match pattern.means {
            // A text of a few letters stands in many lines.
            Means::Text => 1 + 12_usize.saturating_sub(pattern.text.len() * 3),
            // A key stands in all of them.
            Means::Key(_) => 8,
        };
        match self {
            Self::Unknown => usize::MAX,
            Self::Found(patterns) => patterns.iter().map(each).sum(),
            Self::All(clues) => clues.iter().map(Self::cost).min().unwrap_or(usize::MAX),
            Self::Any(clues) => clues.iter().map(Self::cost).sum(),
        }
    }
}

/// The clue that is the cheapest to search for.
fn best(clues: &[Clue]) -> Option<usize> {
    (0..clues.len()).min_by_key(|&at| clues[at].cost())
}

/// Texts of which one must stand in a line, whatever is asked of it.
fn marks(texts: &[String]) -> Option<Vec<Pattern>> {
    let pattern = |text: &String| {
        Some(Pattern {
            text: literal::piece(text)?.as_bytes().into(),
            means: Means::Text,
        })
    };
    texts.iter().map(pattern).collect()
}

fn exists(subject: &Subject) -> Option<Vec<Pattern>> {
    match subject {
        Subject::Raw(path) => raw_keys(path, &Check::NotNull),
        Subject::Canonical(canonical) => {
            canonical_keys(*canonical, |place| Check::Readable(place, *canonical))
        }
    }
}

/// A test that is not negated.
fn positive(node: &Node) -> Option<&Test> {
    match node {
        Node::Test(test) if !test.negated => Some(test),
        _ => None,
    }
}

/// The tests among `nodes` that are not negated, by the field that they ask for.
fn by_subject(nodes: &[Node]) -> Vec<Vec<&Test>> {
    let mut groups: Vec<Vec<&Test>> = Vec::new();
    for test in nodes.iter().filter_map(positive) {
        let group = groups
            .iter_mut()
            .find(|group| group[0].subject == test.subject);
        match group {
            Some(group) => group.push(test),
            None => groups.push(vec![test]),
        }
    }
    groups
}

/// The keys of the field of some tests, with what must stand behind one of them.
fn keys(tests: &[&Test]) -> Option<Vec<Pattern>> {
    let tests: Vec<_> = tests
        .iter()
        .filter(|test| !matches!(test.check, ast::Check::CompareField(..)))
        .collect();
    match &tests.first()?.subject {
        Subject::Raw(path) => raw_keys(
            path,
            &Check::each(tests.iter().map(|test| Check::Raw(value_test(&test.check)))),
        ),
        Subject::Canonical(canonical) => {
            let probes = tests
                .iter()
                .map(|test| of_canonical(*canonical, &test.check));
            let (mut times, mut others) = (Vec::new(), Vec::new());
            for probe in probes {
                match probe {
                    Probe::Time(ordered) => times.push(ordered),
                    other => others.push(other),
                }
            }
            canonical_keys(*canonical, |place| {
                // A range of time is one question: most times are out of it at one end.
                let times = (!times.is_empty())
                    .then(|| Check::Time(place, Box::new(Heads::new(&times)), times.clone()));
                Check::each(
                    times
                        .into_iter()
                        .chain(others.iter().map(|probe| match probe {
                            Probe::Level(mask) => {
                                Check::Level(vec![place], Words::new(place, *mask), *mask)
                            }
                            Probe::Duration(ordered) => Check::Duration(place, ordered.clone()),
                            Probe::Text(_, test) => Check::Text(place, test.clone()),
                            _ => Check::Readable(place, *canonical),
                        })),
                )
            })
        }
    }
}

fn raw_keys(path: &Path, check: &Check) -> Option<Vec<Pattern>> {
    path.readings()
        .iter()
        .map(|reading| key(reading, check.clone()))
        .collect()
}

fn canonical_keys(canonical: Canonical, check: impl Fn(Place) -> Check) -> Option<Vec<Pattern>> {
    let mut found: Vec<(Pattern, Place)> = Vec::new();
    for place in Place::all(canonical) {
        let check = check(place);
        // What is said there whatever the value is, and does not pass, need not be looked for.
        if place.is_given() && !check.may_hold(ANY) {
            continue;
        }
        for reading in place.path().readings() {
            found.push((key(&reading, check.clone())?, place));
        }
    }
    found.sort_by_key(|(pattern, _)| pattern.text.len());
    let mut kept: Vec<(Pattern, Place)> = Vec::new();
    for (pattern, place) in found {
        // Many producers keep the same form under the same key, or under one that is found
        // with a shorter one.
        let known = |(other, form): &(Pattern, Place)| {
            pattern.text.ends_with(&other.text)
                && form.is_like(place)
                && ![other, &pattern].into_iter().any(Pattern::looks_inside)
        };
        if !kept.iter().any(known) {
            kept.push((pattern, place));
        }
    }
    Some(kept.into_iter().map(|(pattern, _)| pattern).collect())
}

/// A value that says nothing.
const ANY: Value<'_> = Value {
    kind: Kind::Plain,
    raw: b"",
};

/// Keys up to this length end many others.
const SHORT_KEY: usize = 4;

/// The last key of a path; behind it stands the value, or the array that the path goes into.
fn key(path: &Path, check: Check) -> Option<Pattern> {
    let at = path
        .steps
        .iter()
        .rposition(|step| matches!(step, Step::Key(_)))?;
    let Step::Key(key) = &path.steps[at] else {
        return None;
    };
    let tail = literal::tail(key)?;
    let check = if at + 1 == path.steps.len() {
        check
    } else {
        Check::Within
    };
    // Many keys end with a short one: `levelname`, `pathname`, `hostname` with `name`. If it
    // stands in an object under a longer key, that one is looked for.
    let above = path.steps[..at].last();
    if let Some(Step::Key(above)) = above
        && key.len() <= SHORT_KEY
        && tail == key
        && above.len() > key.len()
        && let Some(above) = literal::tail(above)
    {
        let key = Finder::new(&format!("\"{key}\"")).into_owned();
        return Some(pattern(
            above,
            Check::Inside(Box::new(key), Box::new(check)),
        ));
    }
    Some(pattern(tail, check))
}

/// A key that ends with `tail` and has a value that passes.
fn pattern(tail: &str, check: Check) -> Pattern {
    Pattern {
        text: format!("{tail}\"").into_bytes().into(),
        means: Means::Key(vec![check]),
    }
}

/// Texts of which one must stand in a line that passes a test.
fn texts(test: &Test) -> Option<Vec<Pattern>> {
    let raw = match test.subject {
        Subject::Raw(_) => true,
        Subject::Canonical(Canonical::Level | Canonical::Time | Canonical::Duration) => {
            return None;
        }
        Subject::Canonical(canonical) => {
            if !Place::all(canonical).into_iter().all(Place::is_verbatim) {
                return None;
            }
            false
        }
    };
    let whole = |literal: &Literal| match literal {
        Literal::Text(word) => {
            let piece = literal::piece(word)?;
            // Only a string equals a text, and a raw field is written as it is.
            Some(if raw && piece == word {
                format!("\"{word}\"")
            } else {
                piece.to_owned()
            })
        }
        _ => None,
    };
    let texts: Vec<_> = match &test.check {
        ast::Check::Compare(Order::Equal, literal) => vec![whole(literal)?],
        ast::Check::OneOf(literals) if literals.len() > MOST_TEXTS => return None,
        ast::Check::OneOf(literals) => literals.iter().map(whole).collect::<Option<_>>()?,
        ast::Check::Text(_, part) => vec![literal::piece(part)?.to_owned()],
        ast::Check::Matches(pattern) => literal::required(pattern.text(), pattern.any_case())?,
        ast::Check::Compare(..) | ast::Check::CompareField(..) => return None,
    };
    let pattern = |word: String| Pattern {
        text: word.into_bytes().into(),
        means: Means::Text,
    };
    (!texts.is_empty()).then(|| texts.into_iter().map(pattern).collect())
}
