//! What a process is called.

use std::borrow::Cow;

/// What a process is called, in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process<'a> {
    /// Its service, or else its host.
    pub place: Option<Cow<'a, str>>,
    /// Its host, also where its service names it better.
    pub host: Option<Cow<'a, str>>,
    /// Its number.
    pub number: Option<Cow<'a, str>>,
}

impl<'a> Process<'a> {
    /// `service:pid` or `host:pid`, or as much of it as is known.
    pub fn name(self) -> Option<Cow<'a, str>> {
        match (self.place, self.number) {
            (Some(place), Some(number)) => Some([&*place, ":", &*number].concat().into()),
            (place, number) => place.or(number),
        }
    }
}
