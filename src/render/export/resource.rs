//! Who wrote it: the process and host of scopes and records, by the names of OpenTelemetry.

use std::{borrow::Cow, collections::HashMap};

use super::{
    Facts,
    facts::{Field, Scalar},
    scopes::places,
};
use crate::tree::Tree;

/// A process, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Resource<'a> {
    /// What it is called; missing where that is only its host.
    pub(super) service: Option<Cow<'a, str>>,
    pub(super) pid: Option<Cow<'a, str>>,
    pub(super) host: Option<Cow<'a, str>>,
}

impl<'a> Resource<'a> {
    /// Takes `service:pid` or `host:pid` apart.
    fn parse(process: Option<&'a str>, host: Option<&'a str>) -> Self {
        let Some(process) = process else {
            return Self {
                host: host.map(Cow::Borrowed),
                ..Self::default()
            };
        };
        let is_number = |pid: &str| !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit());
        let (place, pid) = match process.rsplit_once(':') {
            Some((place, pid)) if is_number(pid) => (place, Some(pid)),
            None if is_number(process) => ("", Some(process)),
            _ => (process, None),
        };
        Self {
            service: Some(place)
                .filter(|place| !place.is_empty() && Some(*place) != host)
                .map(Cow::Borrowed),
            pid: pid.map(Cow::Borrowed),
            host: host.map(Cow::Borrowed),
        }
    }

    /// That of a record.
    pub(super) fn of_record(facts: &Facts<'a>) -> Self {
        Self {
            service: facts.service.clone(),
            pid: facts.pid.clone(),
            host: facts.host.clone(),
        }
    }

    /// Those of a tree, in order of appearance, and the number of that of each node.
    pub(super) fn of_tree<'t>(tree: &'t Tree<'_>) -> (Vec<Resource<'t>>, Vec<usize>) {
        let mut known: HashMap<Resource<'t>, usize> = HashMap::new();
        let mut all = Vec::new();
        let of = places(tree).into_iter().map(|place| {
            let resource = Resource::parse(place.process, place.host);
            *known.entry(resource).or_insert_with_key(|resource| {
                all.push(resource.clone());
                all.len() - 1
            })
        });
        let of = of.collect();
        (all, of)
    }

    /// A name for who has to have one.
    pub(super) fn name(&self) -> &str {
        let name = self.service.as_deref().or(self.host.as_deref());
        name.filter(|name| !name.is_empty()).unwrap_or("unknown")
    }

    /// It as attributes.
    pub(super) fn attributes(&self) -> Vec<Field<'_>> {
        let named = [
            ("service.name", &self.service),
            ("host.name", &self.host),
            ("process.pid", &self.pid),
        ];
        let field = |(name, value): (&str, &Option<Cow<'a, str>>)| {
            let value = value.as_deref()?;
            let number = value.parse().ok().filter(|_| name == "process.pid");
            Some(Field {
                name: name.to_owned(),
                value: number.map_or(Scalar::Text(value.to_owned().into()), Scalar::Int),
            })
        };
        named.into_iter().filter_map(field).collect()
    }
}
