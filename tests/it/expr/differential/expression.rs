//! Expressions as plain trees, made by chance and written in the language.

use std::fmt;

use super::words::{
    FIELDS, Finds, LENGTHS, LEVELS, MOMENTS, NUMBERS, PATTERNS, SIZES, TEXTS, TREES,
};
use crate::rng::Rng;

pub(super) type Path = &'static [&'static str];

#[derive(Clone)]
pub(super) enum Expression {
    Constant(bool),
    Exists(Field),
    Test(Test),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

#[derive(Clone, Copy)]
pub(super) enum Field {
    /// As it is spelled, and its path.
    Raw(&'static str, Path),
    Canonical(&'static str),
}

#[derive(Clone)]
pub(super) struct Test {
    pub(super) field: Field,
    pub(super) negated: bool,
    pub(super) check: Check,
}

#[derive(Clone)]
pub(super) enum Check {
    Compare(&'static str, Literal),
    Field(&'static str, &'static str, Path),
    OneOf(Vec<Literal>),
    /// A pattern, whether case matters, and what it finds.
    Matches(&'static str, bool, Finds),
    Text(&'static str, String),
}

#[derive(Clone)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Length(&'static str, f64),
    Size(&'static str, u64),
    Level(&'static str, u8, u8),
    Time(&'static str, i64),
}

const ORDERS: &[&str] = &["==", "<", "<=", ">", ">="];
/// Its values are points in time only, because every number is one beside a time.
const DEADLINE: (&str, Path) = (".deadline", &["deadline"]);

impl Expression {
    /// Any expression; `depth` is how deep it may be.
    pub(super) fn any(rng: &mut Rng, depth: usize) -> Self {
        let several = |rng: &mut Rng| {
            let count = 2 + rng.below(2);
            (0..count).map(|_| Self::any(rng, depth - 1)).collect()
        };
        match rng.below(if depth == 0 { 6 } else { 12 }) {
            0 if rng.once_in(8) => Self::Constant(rng.once_in(2)),
            1 => Self::Exists(field(rng)),
            6 | 7 => Self::Any(several(rng)),
            8 | 9 => Self::All(several(rng)),
            10 => Self::Not(Box::new(Self::any(rng, depth - 1))),
            _ => Self::Test(Test::any(rng)),
        }
    }

    /// Goes through the tests.
    pub(super) fn tests<'t>(&'t self, visit: &mut impl FnMut(&'t Test)) {
        match self {
            Self::Test(test) => visit(test),
            Self::Not(inner) => inner.tests(visit),
            Self::All(all) => all.iter().for_each(|inner| inner.tests(visit)),
            Self::Any(any) => any.iter().for_each(|inner| inner.tests(visit)),
            Self::Constant(_) | Self::Exists(_) => {}
        }
    }
}

fn raw(rng: &mut Rng) -> Field {
    let (spelled, path) = rng.pick(FIELDS);
    Field::Raw(spelled, path)
}

fn field(rng: &mut Rng) -> Field {
    if rng.below(3) == 0 {
        Field::Canonical(rng.pick(super::canonical::NAMES))
    } else {
        raw(rng)
    }
}

impl Test {
    fn any(rng: &mut Rng) -> Self {
        let field = field(rng);
        Self {
            field,
            negated: rng.once_in(4),
            check: match field {
                Field::Raw(..) => any_check(rng),
                Field::Canonical("level") => ordered(rng, |rng| {
                    let (word, low, high) = rng.pick(LEVELS);
                    Literal::Level(word, low, high)
                }),
                Field::Canonical("time") => match rng.below(4) {
                    0 => Check::Field(rng.pick(ORDERS), DEADLINE.0, DEADLINE.1),
                    _ => ordered(rng, |rng| {
                        let (word, nanos) = rng.pick(MOMENTS);
                        Literal::Time(word, nanos)
                    }),
                },
                Field::Canonical("duration") => ordered(rng, |rng| {
                    let (word, seconds) = rng.pick(LENGTHS);
                    Literal::Length(word, seconds)
                }),
                Field::Canonical("status") => {
                    let word = |rng: &mut Rng| {
                        Literal::Text(
                            (rng.pick(&["succeeded", "failed", "running", "unknown"])).to_owned(),
                        )
                    };
                    match rng.below(3) {
                        0 => Check::OneOf(vec![word(rng), word(rng)]),
                        _ => Check::Compare("==", word(rng)),
                    }
                }
                Field::Canonical("process") => match rng.below(3) {
                    0 => Check::Compare(rng.pick(ORDERS), number(rng)),
                    _ => text_check(rng, TEXTS),
                },
                Field::Canonical("tree") => text_check(rng, TREES),
                Field::Canonical(_) => text_check(rng, TEXTS),
            },
        }
    }
}

fn ordered(rng: &mut Rng, literal: fn(&mut Rng) -> Literal) -> Check {
    match rng.below(6) {
        0 => Check::OneOf((0..=rng.below(3)).map(|_| literal(rng)).collect()),
        // A raw field beside a level is read as one.
        1 if matches!(literal(rng), Literal::Level(..)) => {
            Check::Field(rng.pick(ORDERS), ".level", &["level"])
        }
        _ => Check::Compare(rng.pick(ORDERS), literal(rng)),
    }
}

fn text_check(rng: &mut Rng, words: &[&str]) -> Check {
    let word = |rng: &mut Rng| (rng.pick(words)).to_owned();
    match rng.below(8) {
        0 => Check::OneOf(
            (0..=rng.below(3))
                .map(|_| Literal::Text(word(rng)))
                .collect(),
        ),
        1 => matches(rng),
        2 => {
            let (spelled, path) = rng.pick(FIELDS);
            Check::Field(rng.pick(ORDERS), dotted(spelled), path)
        }
        3 | 4 => Check::Text(rng.pick(&["contains", "startswith", "endswith"]), word(rng)),
        5 => Check::Compare(rng.pick(ORDERS), Literal::Text(word(rng))),
        _ => Check::Compare("==", Literal::Text(word(rng))),
    }
}

fn matches(rng: &mut Rng) -> Check {
    let (pattern, case, finds) = rng.pick(PATTERNS);
    Check::Matches(pattern, case, finds)
}

fn number(rng: &mut Rng) -> Literal {
    let (number, spellings) = rng.pick(NUMBERS);
    let spelled = if rng.once_in(3) {
        rng.pick(spellings)
    } else {
        number
    };
    Literal::Number((*spelled).to_owned())
}

fn any_literal(rng: &mut Rng) -> Literal {
    match rng.below(8) {
        0 => Literal::Null,
        1 => Literal::Bool(rng.once_in(2)),
        _ => with_order(rng),
    }
}

fn with_order(rng: &mut Rng) -> Literal {
    match rng.below(8) {
        0 => {
            let (word, seconds) = rng.pick(LENGTHS);
            Literal::Length(word, seconds)
        }
        1 => {
            let (word, bytes) = rng.pick(SIZES);
            Literal::Size(word, bytes)
        }
        2..=4 => number(rng),
        _ => Literal::Text((rng.pick(TEXTS)).to_owned()),
    }
}

fn any_check(rng: &mut Rng) -> Check {
    match rng.below(10) {
        0 => Check::OneOf((0..=rng.below(4)).map(|_| any_literal(rng)).collect()),
        1 | 2 => text_check(rng, TEXTS),
        3 => Check::Compare(rng.pick(&["<", "<=", ">", ">="]), with_order(rng)),
        _ => Check::Compare("==", any_literal(rng)),
    }
}

/// A field on the right-hand side has a dot.
fn dotted(spelled: &'static str) -> &'static str {
    match spelled {
        "b" => ".b",
        "o.n" => ".o.n",
        "duration_ms" => ".duration_ms",
        dotted => dotted,
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |list: &[Self], word: &str| {
            let list: Vec<_> = list.iter().map(|inner| format!("({inner})")).collect();
            list.join(word)
        };
        match self {
            Self::Constant(value) => write!(f, "{value}"),
            Self::Exists(field) => write!(f, "exists({field})"),
            Self::Test(test) => write!(f, "{test}"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::All(all) => f.write_str(&join(all, " and ")),
            Self::Any(any) => f.write_str(&join(any, "||")),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raw(spelled, _) => f.write_str(spelled),
            Self::Canonical(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            negated,
            check,
        } = self;
        let not = if *negated { "not " } else { "" };
        // Equality has a negated operator; the others are negated from outside.
        let sign = |op: &'static str| match (*negated, op) {
            (true, "==") => ("", "!="),
            (true, op) => ("not ", op),
            (false, op) => ("", op),
        };
        match check {
            Check::Compare(op, literal) => {
                let (not, op) = sign(op);
                write!(f, "{not}{field} {op} {literal}")
            }
            Check::Field(op, other, _) => {
                let (not, op) = sign(op);
                write!(f, "{not}{field}{op}{other}")
            }
            Check::OneOf(literals) => {
                let list: Vec<_> = literals.iter().map(ToString::to_string).collect();
                write!(f, "{field} {not}in ({})", list.join(", "))
            }
            Check::Matches(pattern, case, _) => {
                let sign = if *negated { "!" } else { "" };
                let star = if *case { "" } else { "*" };
                write!(f, "{field} {sign}~{star} {pattern}")
            }
            Check::Text(op, text) => write!(
                f,
                "{field} {not}{op} {}",
                serde_json::Value::from(text.as_str())
            ),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::Length(spelled, _)
            | Self::Size(spelled, _)
            | Self::Level(spelled, ..)
            | Self::Time(spelled, _) => f.write_str(spelled),
        }
    }
}
