//! Groups of records, and what is computed of each: counts, rates, sums, quantiles.
//!
//! A [`Plan`] says by which fields records are grouped and what is wanted; a [`Counter`] takes
//! records, one for each worker; [`Groups`] add up, in any order, to the same; [`Rows`] are what
//! is shown. The module does no I/O and reads no clock.

mod counter;
mod groups;
mod plan;
mod rows;
mod spark;
mod stats;

pub use counter::Counter;
pub use groups::Groups;
pub use plan::Plan;
pub use rows::{Cell, Order, Rows};
