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
    /// True if it has a name.
    pub fn is_told(&self) -> bool {
        self.place.is_some() || self.number.is_some()
    }

    /// True if that is its name.
    pub fn is(&self, name: &str) -> bool {
        match (&self.place, &self.number) {
            (Some(place), Some(number)) => {
                let rest = name.strip_prefix(&**place);
                rest.and_then(|rest| rest.strip_prefix(':')) == Some(&**number)
            }
            (Some(only), None) | (None, Some(only)) => name == only,
            (None, None) => false,
        }
    }

    /// `service:pid` or `host:pid`, or as much of it as is known.
    pub fn name(self) -> Option<Cow<'a, str>> {
        match (self.place, self.number) {
            (Some(place), Some(number)) => Some([&*place, ":", &*number].concat().into()),
            (place, number) => place.or(number),
        }
    }

    /// What no process of another host is called either: its name, and its host where that is not in
    /// the name, as `service:pid@host`.
    pub fn whole_name(mut self) -> Option<Cow<'a, str>> {
        let host = self.host.take();
        let host = host.filter(|host| Some(host) != self.place.as_ref());
        let name = self.name()?;
        Some(match host {
            Some(host) => [&*name, "@", &*host].concat().into(),
            None => name,
        })
    }
}
