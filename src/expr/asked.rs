//! A field that a reader of records has been asked for.

use std::borrow::Cow;

use super::Subject;
use crate::record::{Canonical, Field, Kind, Reader, Record, Value};

/// A field by the name of a [`Subject`], to be found in records of one reader.
#[derive(Debug)]
pub enum Asked {
    /// What the process is called: its service or host, and its number.
    Process,
    /// The same for every producer.
    Canonical(Canonical),
    /// What stands at a path.
    Raw(Field),
}

impl Asked {
    /// Asks a reader for the name of the process.
    pub fn process(reader: &mut Reader) -> Self {
        for part in [Canonical::Service, Canonical::Host, Canonical::Process] {
            reader.canonical(part);
        }
        Self::Process
    }

    /// The field's text; a null is as good as none.
    pub fn text<'a>(&self, record: &Record<'a, '_>) -> Option<Cow<'a, str>> {
        match self {
            Self::Process => record.process(),
            Self::Canonical(canonical) => record.text(*canonical),
            Self::Raw(field) => record
                .raw(field)
                .filter(|value| value.kind != Kind::Null)
                .map(Value::text),
        }
    }
}

impl Subject {
    /// Asks a reader for the field.
    pub fn ask(&self, reader: &mut Reader) -> Asked {
        match self {
            Self::Canonical(Canonical::Process) => Asked::process(reader),
            Self::Canonical(canonical) => {
                reader.canonical(*canonical);
                Asked::Canonical(*canonical)
            }
            Self::Raw(path) => Asked::Raw(reader.raw(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Found;

    #[test]
    fn fields_have_texts_and_nulls_have_none() {
        let line =
            br#"{"time":1,"level":"info","logger":"a","service":"shop","pid":7,"n":[1],"no":null}"#;
        let check = |name: &str, expect: Option<&str>| {
            let mut reader = Reader::default();
            let asked = Subject::parse(name).expect("a field").ask(&mut reader);
            let mut found = Found::default();
            let record = reader.read(line, &mut found).expect("a record");
            assert_eq!(asked.text(&record).as_deref(), expect, "{name}");
        };
        check("logger", Some("a"));
        check("process", Some("shop:7"));
        check(".n[0]", Some("1"));
        check(".no", None);
        check(".none", None);
        check("host", None);
    }
}
