//! The schemes: a file for each says how its producer writes a request down, and what the
//! ids in its records tell.
//!
//! The forms are those of real output: of the samples under tests/data/samples where there
//! is one, else of the producer's documentation.

mod client;
mod distlog;
mod eliot;
mod eliot_old;
mod time;

use super::{model::Request, record::Pen};

/// How a producer writes.
pub(super) struct Scheme {
    /// As the table calls it.
    pub(super) name: &'static str,
    /// What dl-tree has to be told.
    pub(super) args: &'static [&'static str],
    pub(super) write: fn(&Request, &mut Pen),
    /// What its ids cannot tell, for people.
    pub(super) cannot: &'static str,
}

/// All of them.
pub(super) static SCHEMES: &[&Scheme] = &[
    &eliot::ELIOT,
    &eliot_old::ELIOT_OLD,
    &distlog::DISTLOG,
    &client::CLIENT,
];
