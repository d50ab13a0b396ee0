//! Puts records into groups.

use std::{borrow::Cow, sync::Arc};

use super::{groups::Groups, plan::Plan};
use crate::{
    expr::Asked,
    record::{Canonical, Found, Line, Malformed, Reader, Record, bytes_of},
};

/// Puts records into groups.
pub struct Counter {
    plan: Arc<Plan>,
    reader: Reader,
    found: Found,
    by: Vec<Asked>,
    fields: Vec<Asked>,
    time: bool,
    /// The key of the present record: for each field whether it is there, the length of its text,
    /// and its text.
    key: Vec<u8>,
    /// What has been put into groups since it was taken.
    pub groups: Groups,
}

impl Counter {
    /// A counter for that plan.
    pub fn new(plan: Arc<Plan>) -> Self {
        let mut reader = Reader::default();
        let by = plan.by.iter().map(|(_, subject)| subject.ask(&mut reader));
        let by = by.collect();
        let fields = plan.fields.iter().map(|subject| subject.ask(&mut reader));
        let fields = fields.collect();
        let time = plan.needs_time();
        if time {
            reader.canonical(Canonical::Time);
        }
        Self {
            plan,
            reader,
            found: Found::default(),
            by,
            fields,
            time,
            key: Vec::new(),
            groups: Groups::default(),
        }
    }

    /// Takes a record, if the line is one.
    pub fn take<'a>(&mut self, line: impl Into<Line<'a>>) -> Result<(), Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        self.key.clear();
        for field in &self.by {
            match text(field, &record) {
                None => self.key.push(0),
                Some(text) => {
                    self.key.push(1);
                    self.key.extend_from_slice(&text.len().to_ne_bytes());
                    self.key.extend_from_slice(&text);
                }
            }
        }
        let group = self.groups.group(&self.key, &self.plan);
        group.records += 1;
        if self.time
            && let Some(time) = record.time()
        {
            group.at(time);
        }
        for (field, stats) in self.fields.iter().zip(&mut group.stats) {
            if let Some(number) = number(field, &record) {
                stats.add(number);
            }
        }
        Ok(())
    }
}

/// The texts of a key, in the order of the fields.
pub(super) fn texts(mut key: &[u8]) -> Vec<Option<String>> {
    let mut texts = Vec::new();
    while let Some((&there, rest)) = key.split_first() {
        key = rest;
        if there == 0 {
            texts.push(None);
            continue;
        }
        // Keys are made above, so both lengths are right.
        let Some((length, rest)) = rest.split_first_chunk() else {
            break;
        };
        let (text, rest) = rest.split_at(usize::from_ne_bytes(*length).min(rest.len()));
        texts.push(Some(String::from_utf8_lossy(text).into_owned()));
        key = rest;
    }
    texts
}

/// The field's text, where levels have one name whoever wrote them.
fn text<'a>(field: &Asked, record: &Record<'a, '_>) -> Option<Cow<'a, [u8]>> {
    match field {
        Asked::Canonical(Canonical::Level) => {
            let name = record.level()?.name();
            Some(Cow::Borrowed(name.as_bytes()))
        }
        Asked::Canonical(canonical) => record.bytes(*canonical).map(whole),
        field => field.text(record).map(bytes_of),
    }
}

/// Bytes as UTF-8. That they are ASCII, as they mostly are, is seen faster.
#[inline]
fn whole(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return bytes;
    }
    match String::from_utf8_lossy(&bytes) {
        Cow::Borrowed(_) => bytes,
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// The field as a number, also where that is written as a text.
fn number(field: &Asked, record: &Record<'_, '_>) -> Option<f64> {
    match field {
        Asked::Process => record.number(Canonical::Process),
        Asked::Canonical(canonical) => record.number(*canonical),
        Asked::Raw(field) => {
            let value = record.raw(field)?;
            value
                .as_f64()
                .or_else(|| value.as_str()?.trim().parse().ok())
        }
    }
}
