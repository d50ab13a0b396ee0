//! What is known of the fields of lines of one layout: which of them are shown, and how their keys
//! look. The same keys come again in each of these lines.

use super::{
    ink::Pen,
    usual::{IsKey, bookkeeping, may_be_empty, unwrapped},
};
use crate::record::Record;

/// What is known of the lines so far, by the numbers of their layouts.
#[derive(Default)]
pub(super) struct Known {
    /// For how long these numbers hold.
    generation: u64,
    lines: Vec<Option<KnownLine>>,
}

/// What is known of the fields of a line.
pub(super) struct KnownLine {
    schema: Option<&'static str>,
    /// A bit for each member that is shown, or may be.
    pub(super) shown: u64,
    keys: Vec<Key>,
}

/// A key.
pub(super) struct Key {
    pub(super) name: Box<[u8]>,
    /// ` key=`, in colour.
    text: Box<[u8]>,
    /// False if all records of the producer have it.
    pub(super) is_usual: bool,
    /// True if it stands there also where it says nothing.
    pub(super) may_be_empty: bool,
    /// Which of the members of its object are shown as if they were fields of the record.
    pub(super) opened: Option<IsKey>,
}

impl Known {
    /// What is known of the fields of a record, if its layout is.
    pub(super) fn line(&mut self, record: &Record<'_, '_>, pen: &Pen) -> Option<&KnownLine> {
        let (generation, layout) = record.key_order()?;
        let schema = record.schema();
        if self.generation != generation {
            self.generation = generation;
            self.lines.clear();
        }
        let layout = usize::from(layout);
        if self.lines.len() <= layout {
            self.lines.resize_with(layout + 1, || None);
        }
        let line = &mut self.lines[layout];
        if line.as_ref().is_none_or(|line| line.schema != schema) {
            *line = KnownLine::new(record, schema, pen);
        }
        line.as_ref()
    }
}

impl KnownLine {
    #[cold]
    fn new(record: &Record<'_, '_>, schema: Option<&'static str>, pen: &Pen) -> Option<Self> {
        let is_bookkeeping = bookkeeping(schema);
        let key = |name: &[u8]| Key {
            name: name.into(),
            text: Key::text(name, pen),
            is_usual: !is_bookkeeping(name),
            may_be_empty: may_be_empty(schema, name),
            opened: unwrapped(schema, name),
        };
        let keys: Vec<_> = record.members()?.map(|(name, _)| key(name)).collect();
        let is_shown = |key: &Key| key.is_usual || key.opened.is_some();
        let bits = keys.iter().zip(0_u32..);
        let bits = bits.filter(|(key, _)| is_shown(key));
        Some(Self {
            schema,
            shown: bits.fold(0, |bits, (_, number)| bits | 1 << (number % 64)),
            keys,
        })
    }

    #[inline]
    pub(super) fn key(&self, number: u32) -> Option<&Key> {
        self.keys.get(number as usize)
    }
}

impl Key {
    fn text(name: &[u8], pen: &Pen) -> Box<[u8]> {
        let mut text = b" ".to_vec();
        pen.key.text(&mut text, name);
        text.push(b'=');
        text.into()
    }

    /// Appends it, with the blank in front or without.
    #[inline]
    pub(super) fn write(&self, blank: bool, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.text[usize::from(!blank)..]);
    }
}
