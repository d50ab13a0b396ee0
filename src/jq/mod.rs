//! jq programs over records: compiled once, run on one record after the other, within
//! bounds.
//!
//! The language is that of the jaq crates. What is here is how a record becomes a value and
//! a value a line, so that nothing is spelt anew that was not changed; and a guard, so that
//! no program runs without end on one record. Nothing here knows files, clocks or the
//! environment, and so a program cannot either.

mod depth;
mod error;
mod fault;
mod functions;
mod guard;
mod meter;
mod paths;
mod program;
mod read;
mod runner;
mod same;
mod write;

pub use error::ProgramError;
pub use program::{Program, Variables};
pub use runner::Runner;
