//! The rules of man/dl-expr.7 once more, over `serde_json::Value` and without regard for speed.

use std::{cmp::Ordering, fmt};

use proptest::prelude::*;
use serde_json::{Number, Value, json};

/// An expression as a plain tree.
#[derive(Clone, Debug)]
pub(super) enum Naive {
    Constant(bool),
    Exists(&'static str),
    Test(Test),
    Not(Box<Naive>),
    And(Box<Naive>, Box<Naive>),
    Or(Box<Naive>, Box<Naive>),
}

#[derive(Clone, Debug)]
pub(super) struct Test {
    field: &'static str,
    negated: bool,
    check: Check,
}

#[derive(Clone, Debug)]
enum Check {
    Compare(&'static str, Literal),
    CompareField(&'static str, &'static str),
    OneOf(Vec<Literal>),
    Text(&'static str, &'static str),
    Level(&'static str, &'static str),
}

#[derive(Clone, Debug)]
enum Literal {
    Null,
    Bool(bool),
    Number(&'static str),
    Text(&'static str),
}

const FIELDS: &[&str] = &[".a", ".b", ".c", ".o.k"];
const TEXTS: &[&str] = &[
    "", "a", "ab", "b", "10", "9", "1.5", " 1", "é", "🎉", "q\"\\'\n", "true", "null",
];
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "9",
    "10",
    "-3",
    "1.5",
    "1e1",
    "18446744073709551615",
    "9007199254740993",
    "9007199254740992",
];
const LEVELS: &[(&str, u8)] = &[("debug", 0), ("info", 1), ("warning", 2), ("error", 3)];

impl Naive {
    pub(super) fn holds(&self, record: &Value) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Exists(field) => get(record, field).is_some_and(|value| !value.is_null()),
            Self::Test(test) => test.negated != test.check.holds(record, test.field),
            Self::Not(inner) => !inner.holds(record),
            Self::And(a, b) => a.holds(record) && b.holds(record),
            Self::Or(a, b) => a.holds(record) || b.holds(record),
        }
    }
}

impl Test {
    /// The same test, negated or no longer so.
    pub(super) fn opposite(&self) -> Self {
        Self {
            negated: !self.negated,
            ..self.clone()
        }
    }
}

impl Check {
    fn holds(&self, record: &Value, field: &str) -> bool {
        if let Self::Level(op, word) = self {
            let rank = |word: &str| {
                LEVELS
                    .iter()
                    .find(|(name, _)| *name == word)
                    .map(|(_, r)| *r)
            };
            let found = record["level"].as_str().and_then(rank);
            return found
                .zip(rank(word))
                .is_some_and(|(found, wanted)| accepts(op, found.cmp(&wanted)));
        }
        let Some(value) = get(record, field) else {
            return false;
        };
        elements(value).into_iter().any(|value| match self {
            Self::Compare(op, literal) => literal.compares(op, value),
            Self::OneOf(literals) => literals.iter().any(|literal| literal.compares("==", value)),
            Self::CompareField(op, other) => get(record, other)
                .is_some_and(|other| elements(other).into_iter().any(|o| fields(op, value, o))),
            Self::Text(op, text) => {
                let shown = match value {
                    Value::String(string) => string.clone(),
                    Value::Number(_) | Value::Bool(_) => value.to_string(),
                    _ => return false,
                };
                match *op {
                    "contains" => shown.contains(text),
                    "startswith" => shown.starts_with(text),
                    _ => shown.ends_with(text),
                }
            }
            Self::Level(..) => false,
        })
    }
}

impl Literal {
    fn compares(&self, op: &str, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Bool(bool) => value.as_bool() == Some(*bool),
            Self::Text(text) => value
                .as_str()
                .is_some_and(|found| accepts(op, found.cmp(text))),
            Self::Number(text) => numeric(value)
                .and_then(|found| numbers(&found, &number(text)?))
                .is_some_and(|found| accepts(op, found)),
        }
    }
}

fn get<'a>(record: &'a Value, field: &str) -> Option<&'a Value> {
    record.pointer(&field.replace('.', "/"))
}

/// The value itself, or the elements of an array that are no arrays.
fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(elements) => elements.iter().filter(|e| !e.is_array()).collect(),
        value => vec![value],
    }
}

fn fields(op: &str, left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => accepts(op, left.cmp(right)),
        (Value::Null, Value::Null) => op == "==",
        (Value::Bool(left), Value::Bool(right)) => op == "==" && left == right,
        _ => numeric(left)
            .zip(numeric(right))
            .and_then(|(left, right)| numbers(&left, &right))
            .is_some_and(|found| accepts(op, found)),
    }
}

/// A number, or the number that a string is from end to end.
fn numeric(value: &Value) -> Option<Number> {
    match value {
        Value::Number(found) => Some(found.clone()),
        Value::String(text) => number(text),
        _ => None,
    }
}

fn number(text: &str) -> Option<Number> {
    (text.trim() == text).then(|| serde_json::from_str(text).ok())?
}

fn numbers(left: &Number, right: &Number) -> Option<Ordering> {
    let integer = |n: &Number| n.as_i64().map(i128::from).or(n.as_u64().map(i128::from));
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn accepts(op: &str, found: Ordering) -> bool {
    match op {
        "==" => found.is_eq(),
        "<" => found.is_lt(),
        "<=" => found.is_le(),
        ">" => found.is_gt(),
        _ => found.is_ge(),
    }
}

impl fmt::Display for Naive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(f, "{value}"),
            Self::Exists(field) => write!(f, "exists({field})"),
            Self::Test(test) => write!(f, "{test}"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::And(a, b) => write!(f, "({a}) and ({b})"),
            Self::Or(a, b) => write!(f, "({a}) || ({b})"),
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
        let word = if *negated { "not " } else { "" };
        // Equality has a negated operator; the others are negated from outside.
        let signs = |op: &'static str| match (*negated, op) {
            (true, "==") => ("", "!="),
            (true, op) => ("not ", op),
            (false, op) => ("", op),
        };
        match check {
            Check::Compare(op, literal) => {
                let (not, op) = signs(op);
                write!(f, "{not}{field} {op} {literal}")
            }
            Check::CompareField(op, other) => {
                let (not, op) = signs(op);
                write!(f, "{not}{field} {op} {other}")
            }
            Check::Level(op, level) => {
                let (not, op) = signs(op);
                write!(f, "{not}level {op} {level}")
            }
            Check::Text(op, text) => write!(f, "{field} {word}{op} {}", json!(text)),
            Check::OneOf(literals) => {
                let list: Vec<_> = literals.iter().map(ToString::to_string).collect();
                write!(f, "{field} {word}in ({})", list.join(","))
            }
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => write!(f, "{}", json!(text)),
        }
    }
}

/// Any expression.
pub(super) fn expression() -> impl Strategy<Value = Naive> {
    let leaf = prop_oneof![
        1 => any::<bool>().prop_map(Naive::Constant),
        1 => prop::sample::select(FIELDS).prop_map(Naive::Exists),
        8 => test().prop_map(Naive::Test),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            inner.prop_map(|a| Naive::Not(Box::new(a))),
            pair.clone()
                .prop_map(|(a, b)| Naive::And(Box::new(a), Box::new(b))),
            pair.prop_map(|(a, b)| Naive::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn test() -> impl Strategy<Value = Test> {
    let field = || prop::sample::select(FIELDS);
    let order = || prop::sample::select(&["==", "<", "<=", ">", ">="][..]);
    let ordered = prop_oneof![
        prop::sample::select(NUMBERS).prop_map(Literal::Number),
        prop::sample::select(TEXTS).prop_map(Literal::Text),
    ];
    let literal = || {
        prop_oneof![
            Just(Literal::Null),
            any::<bool>().prop_map(Literal::Bool),
            prop::sample::select(NUMBERS).prop_map(Literal::Number),
            prop::sample::select(TEXTS).prop_map(Literal::Text),
        ]
    };
    let check = prop_oneof![
        3 => (order(), ordered).prop_map(|(op, literal)| Check::Compare(op, literal)),
        2 => literal().prop_map(|literal| Check::Compare("==", literal)),
        2 => (order(), field()).prop_map(|(op, other)| Check::CompareField(op, other)),
        2 => prop::collection::vec(literal(), 1..5).prop_map(Check::OneOf),
        2 => (
            prop::sample::select(&["contains", "startswith", "endswith"][..]),
            prop::sample::select(TEXTS),
        )
            .prop_map(|(op, text)| Check::Text(op, text)),
        1 => (order(), prop::sample::select(LEVELS))
            .prop_map(|(op, (level, _))| Check::Level(op, level)),
    ];
    (field(), any::<bool>(), check).prop_map(|(field, negated, check)| Test {
        field,
        negated,
        check,
    })
}

/// Any record that the expressions have something to say about.
pub(super) fn record() -> impl Strategy<Value = Value> {
    let member = prop_oneof![
        4 => (prop::sample::select(&["a", "b", "c", "o"][..]), value()),
        1 => prop::sample::select(LEVELS).prop_map(|(level, _)| ("level", Value::from(level))),
    ];
    prop::collection::vec(member, 0..6).prop_map(|members| {
        let members = members
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        Value::Object(members.collect())
    })
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = || {
        prop_oneof![
            1 => Just(Value::Null),
            2 => any::<bool>().prop_map(Value::from),
            4 => prop::sample::select(NUMBERS).prop_map(|n| serde_json::from_str(n).expect("a number")),
            4 => prop::sample::select(TEXTS).prop_map(Value::from),
            2 => prop::sample::select(LEVELS).prop_map(|(level, _)| Value::from(level)),
        ]
    };
    prop_oneof![
        6 => scalar(),
        2 => prop::collection::vec(scalar(), 0..4).prop_map(Value::from),
        1 => scalar().prop_map(|inner| json!({ "k": inner })),
        1 => scalar().prop_map(|inner| json!([[inner], { "k": 1 }])),
    ]
}
