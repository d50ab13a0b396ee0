//! What all peers have in common: a buffer, limits, and what is counted of them together.

use std::time::Instant;

use crate::source::net::{
    Limits,
    connection::{OnEvent, Turn},
};

#[derive(Debug)]
pub(super) struct Common {
    pub(super) shared: Vec<u8>,
    pub(super) limits: Limits,
    pub(super) held: usize,
    pub(super) messages: u64,
}

impl Common {
    /// What one of them needs to be served.
    pub(super) fn turn<'t>(&'t mut self, now: Instant, on_event: &'t mut OnEvent<'t>) -> Turn<'t> {
        Turn {
            now,
            shared: &mut self.shared,
            limits: &self.limits,
            held: &mut self.held,
            messages: &mut self.messages,
            on_event,
        }
    }
}
