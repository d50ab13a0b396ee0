//! NATS JetStream: what who sends and who receives have in common.
//!
//! A stream has a subject for each partition, `distlog.STREAM.K`, and a record goes to the
//! partition of its request, so that a request is read by one worker as a whole. How many there
//! are is told by the subjects of the stream, and nowhere else.

mod group;
mod link;
mod stream;

pub(crate) use self::{
    group::{Batch, Item, Plan, Receipt, Worker},
    link::{Link, connect},
    stream::ensure,
};
