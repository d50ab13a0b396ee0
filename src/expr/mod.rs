//! The filter language of `dl-filter`: parse, check, compile, match.
//!
//! An expression is text such as `level >= warning and .http.status in (500, 503)`. It is
//! parsed and checked once into an [`Expr`], compiled against a reader of records into a
//! [`Filter`], and then matched with every record. man/dl-expr.7 has the grammar and the rules.
//!
//! The module knows `record` and no other module of the crate. It does no I/O and has no
//! clock and no place: what `now` and `today` mean is an argument.

mod asked;
mod ast;
mod clock;
mod comparison;
mod compile;
mod condition;
mod cursor;
mod display;
mod duration;
mod elements;
mod error;
mod explain;
mod field;
mod filter;
mod flag;
mod judge;
mod level;
mod listed;
mod literal;
mod moment;
mod names;
mod number;
mod operator;
mod parse;
mod pattern;
mod sieve;
mod size;
mod suggest;
mod token;
mod value_test;

pub use asked::Asked;
pub use ast::Expr;
pub use clock::Clock;
pub use condition::Condition;
pub use error::{ExprError, Problem};
pub use explain::{FieldNote, ValueNote};
pub use field::Subject;
pub use filter::Filter;
pub use judge::{Judge, Judgement};
pub use names::{Misnamed, list_parts};
pub use sieve::{Sieve, Survivors};
pub use suggest::nearest;
