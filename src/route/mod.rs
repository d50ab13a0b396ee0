//! Routing: which records go where, as a file of rules says.
//!
//! [`Rules::parse`] reads the YAML text and checks all of it; [`Rules::compile`] asks one
//! [`Reader`](crate::record::Reader) for the fields of all rules, so that one scan of a line
//! answers them all; [`Router::route`] says which rules take a record. man/dl-rules.7 has the
//! grammar and the rules of evaluation.
//!
//! The module knows what a destination is called and not how it is opened. It does no I/O
//! and has no clock: what `now` means in an expression is an argument.

mod destination;
mod error;
mod file;
mod router;
mod rule;
mod text;
mod yaml;

pub use destination::Destination;
pub use error::RuleError;
pub use file::Rules;
pub use router::Router;
pub use rule::Rule;

#[cfg(test)]
mod slips;
#[cfg(test)]
mod tests;
