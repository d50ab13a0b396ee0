//! Puts records into groups.

use std::{borrow::Cow, sync::Arc};

use super::{groups::Groups, plan::Plan};
use crate::{
    expr::Subject,
    record::{Canonical, Field, Found, Line, Malformed, Reader, Record},
};

/// Puts records into groups.
pub struct Counter {
    plan: Arc<Plan>,
    reader: Reader,
    found: Found,
    by: Vec<Wanted>,
    fields: Vec<Wanted>,
    time: bool,
    /// The key of the present record: for each field whether it is there, the length of its text,
    /// and its text.
    key: Vec<u8>,
    /// What has been put into groups since it was taken.
    pub groups: Groups,
}

/// A field that the reader has been asked for.
enum Wanted {
    Process,
    Canonical(Canonical),
    Raw(Field),
}

impl Counter {
    /// A counter for that plan.
    pub fn new(plan: Arc<Plan>) -> Self {
        let mut reader = Reader::default();
        let by = plan
            .by
            .iter()
            .map(|(_, subject)| want(subject, &mut reader));
        let by = by.collect();
        let fields = plan.fields.iter().map(|subject| want(subject, &mut reader));
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
            match field.text(&record) {
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
            if let Some(number) = field.number(&record) {
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

fn want(subject: &Subject, reader: &mut Reader) -> Wanted {
    match subject {
        Subject::Canonical(Canonical::Process) => {
            for part in [Canonical::Service, Canonical::Host, Canonical::Process] {
                reader.canonical(part);
            }
            Wanted::Process
        }
        Subject::Canonical(canonical) => {
            reader.canonical(*canonical);
            Wanted::Canonical(*canonical)
        }
        Subject::Raw(path) => Wanted::Raw(reader.raw(path)),
    }
}

/// Bytes as text. That they are ASCII, as they mostly are, is seen faster than that they are UTF-8.
#[inline]
fn text(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return bytes;
    }
    match String::from_utf8_lossy(&bytes) {
        Cow::Borrowed(_) => bytes,
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// Text as bytes.
fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

impl Wanted {
    /// The field's text; a null is as good as none.
    fn text<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Process => record.process().map(bytes),
            Self::Canonical(Canonical::Level) => record
                .level()
                .map(|level| Cow::Borrowed(level.name().as_bytes())),
            Self::Canonical(canonical) => record.bytes(*canonical).map(text),
            Self::Raw(field) => record
                .raw(field)
                .filter(|value| value.kind != crate::record::Kind::Null)
                .map(|value| bytes(value.text())),
        }
    }

    /// The field as a number, also where that is written as a text.
    fn number(&self, record: &Record<'_, '_>) -> Option<f64> {
        match self {
            Self::Process => record.number(Canonical::Process),
            Self::Canonical(canonical) => record.number(*canonical),
            Self::Raw(field) => {
                let value = record.raw(field)?;
                value
                    .as_f64()
                    .or_else(|| value.as_str()?.trim().parse().ok())
            }
        }
    }
}
