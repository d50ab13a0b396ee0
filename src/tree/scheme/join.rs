//! `--join FIELD`: the trees of records with the same value of a field are one.

use std::borrow::Cow;

use super::{Keyed, Place, Scheme, TreeId, fields::scalar, flat::Anywhere};
use crate::record::{Field, Path, Reader, Record};

/// The fields that join.
pub struct Join {
    /// Each with the name that the user has for it.
    pub fields: Vec<(String, Path)>,
}

impl Scheme for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn keys(&self, reader: &mut Reader) -> Box<dyn Keyed> {
        let field = |(name, path): &(String, Path)| (name.clone(), reader.raw(path));
        Box::new(Ids(self.fields.iter().map(field).collect()))
    }

    fn prepare(&self, _: &mut Reader) -> Box<dyn Place> {
        Box::new(Anywhere)
    }
}

struct Ids(Vec<(String, Field)>);

impl Ids {
    /// The values: equal ones of different fields are different.
    fn ids<'a>(&self, record: &Record<'a, '_>) -> impl Iterator<Item = TreeId<'a>> {
        self.0.iter().filter_map(|(name, field)| {
            let value = scalar(record.raw(field)?)?;
            Some(TreeId {
                id: format!("{name}={value}").into(),
                shown: None,
            })
        })
    }
}

impl Keyed for Ids {
    fn fields(&self) -> Vec<Field> {
        self.0.iter().map(|(_, field)| field.clone()).collect()
    }

    fn tree<'a>(&self, record: &Record<'a, '_>) -> Option<TreeId<'a>> {
        self.ids(record).next()
    }

    fn also<'a>(&self, record: &Record<'a, '_>, ids: &mut Vec<Cow<'a, str>>) {
        let others = self.ids(record).skip(1);
        ids.extend(others.map(|tree| tree.id.text()));
    }
}
