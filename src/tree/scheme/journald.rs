//! Eliot's records in the systemd journal: the record is JSON text under `MESSAGE`
//! (REFERENCE.md §2.5).
//!
//! The fields around it tell the tree, but not the place in it, so the text is decoded and
//! read as the record that it is.

use super::{Keyed, Place, Placement, Scheme, TreeId, eliot::Eliot};
use crate::record::{Canonical, Field, Found, Path, Reader, Record};

/// The scheme of Eliot behind `eliot.journald`.
pub(super) struct Journald;

impl Scheme for Journald {
    fn name(&self) -> &'static str {
        Eliot.name()
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        reader.canonical(Canonical::Tree);
        Box::new(Task(reader.raw(&Path::dotted("ELIOT_TASK"))))
    }

    fn prepare(&self, reader: &mut Reader) -> Box<dyn Place> {
        let message = reader.raw(&Path::dotted("MESSAGE"));
        let mut inner = Reader::default();
        inner.canonical(Canonical::Time);
        let place = Eliot.prepare(&mut inner);
        Box::new(Wrapped {
            message,
            inner,
            place,
        })
    }
}

struct Task(Field);

impl Keyed for Task {
    fn fields(&self) -> Vec<Field> {
        vec![self.0.clone()]
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        let follows = record.schema() == Some("eliot-journald");
        follows
            .then(|| record.bytes(Canonical::Tree).map(TreeId::from))
            .flatten()
    }
}

struct Wrapped {
    message: Field,
    /// Reads the record inside.
    inner: Reader,
    place: Box<dyn Place>,
}

impl Place for Wrapped {
    /// Allocates the decoded text and all that is found in it: journals are not where speed
    /// is lost.
    fn place<'a>(&self, record: &Record<'a, '_>) -> Option<Placement<'a>> {
        let text = record.raw(&self.message)?.as_str()?;
        let mut found = Found::default();
        let inside = self.inner.read(text.as_bytes(), &mut found).ok()?;
        let mut placement = self.place.place(&inside)?.into_owned();
        placement.time = inside.time();
        Some(placement)
    }
}
