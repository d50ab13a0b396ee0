//! Levels of running processes: the rules that `dl-ctl` makes, and what processes answer.
//!
//! A [`Wish`] is what a user asks for; in the [`Book`] it becomes a rule with an id and an end, is told to the
//! processes that it is for, and what they answer in their records ([`Answer`]) is noted beside it. The
//! messages between the programs are in [`message`]. This module does no I/O and takes the time as an argument;
//! it knows no logger but their names, which only the processes can tell.

mod answer;
mod book;
mod level;
pub mod message;
mod wish;

pub use self::{
    answer::{Answer, Change, Event, MARK},
    book::{Book, Bounds},
    level::parse_level,
    wish::Wish,
};
