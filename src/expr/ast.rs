//! The parsed expression, and how expressions are joined.

use std::{fmt, ops};

use super::{field::Subject, judge::Judged, level::LevelLiteral, number::Number, pattern::Pattern};
use crate::record::{Instant, Path};

/// An expression that selects records: parsed, checked, and free of needless constants.
///
/// ```
/// use distlog::{expr::Expr, record::{Found, Instant, Reader}};
///
/// let mut reader = Reader::default();
/// let filter = Expr::parse("level >= warning and user == ada", Instant(0))?.compile(&mut reader);
/// let mut found = Found::default();
/// let line = br#"{"level":"error","user":"ada"}"#;
/// assert!(reader.read(line, &mut found).is_ok_and(|record| filter.matches(&record)));
/// # Ok::<(), distlog::expr::ExprError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Expr(pub(super) Node);

/// A node of the tree. `All` and `Any` have two branches or more, none of the own kind and
/// none constant; `Not` holds neither a constant nor a `Not`. The functions below see to it,
/// and so equal expressions print alike.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Constant(bool),
    Exists(Subject),
    Test(Test),
    /// What somebody else decides, and the test that says it in words.
    Judged(Test, Judged),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
}

/// A field and what is asked of it; a negated test is exactly the opposite, and so true
/// where the field is missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub(super) subject: Subject,
    pub(super) negated: bool,
    pub(super) check: Check,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Check {
    Compare(Order, Literal),
    CompareField(Order, Path),
    OneOf(Vec<Literal>),
    Matches(Pattern),
    Text(TextCheck, String),
}

/// What a field is compared with; which kind it is depends on the field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Level(LevelLiteral),
    Time(Instant),
    /// A length of time.
    Seconds(f64),
    /// A number of bytes.
    Size(Number),
}

/// How two values are to stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    /// The order that holds between the same values the other way round.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }

    /// True if values that compare as `found` satisfy it.
    #[inline]
    pub(super) fn accepts(self, found: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => found.is_eq(),
            Self::Less => found.is_lt(),
            Self::LessOrEqual => found.is_le(),
            Self::Greater => found.is_gt(),
            Self::GreaterOrEqual => found.is_ge(),
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "==",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}

/// A search for a fixed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextCheck {
    Contains,
    StartsWith,
    EndsWith,
}

impl TextCheck {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
        }
    }
}

impl Expr {
    /// Selects every record: the neutral start of a chain of [`Expr::and`].
    #[must_use]
    pub fn always() -> Self {
        Self(Node::Constant(true))
    }

    /// Selects what both select.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(Node::all(vec![self.0, other.0]))
    }

    /// Selects what either selects.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(Node::any(vec![self.0, other.0]))
    }

    /// What the expression says of every record alike, if it does.
    pub fn constant(&self) -> Option<bool> {
        match self.0 {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }
}

impl ops::Not for Expr {
    type Output = Self;

    /// Selects exactly the other records.
    fn not(self) -> Self {
        Self(Node::not(self.0))
    }
}

impl Node {
    pub(super) fn not(self) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(!value),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// All of `nodes`; true if there are none.
    pub(super) fn all(nodes: Vec<Self>) -> Self {
        let mut branches = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::Constant(true) => {}
                Self::Constant(false) => return node,
                Self::All(inner) => branches.extend(inner),
                other => branches.push(other),
            }
        }
        Self::joined(branches, true, Self::All)
    }

    /// Any of `nodes`; false if there are none.
    pub(super) fn any(nodes: Vec<Self>) -> Self {
        let mut branches = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::Constant(false) => {}
                Self::Constant(true) => return node,
                Self::Any(inner) => branches.extend(inner),
                other => branches.push(other),
            }
        }
        Self::joined(branches, false, Self::Any)
    }

    fn joined(mut branches: Vec<Self>, empty: bool, join: impl Fn(Vec<Self>) -> Self) -> Self {
        match (branches.pop(), branches.is_empty()) {
            (None, _) => Self::Constant(empty),
            (Some(only), true) => only,
            (Some(last), false) => {
                branches.push(last);
                join(branches)
            }
        }
    }
}
