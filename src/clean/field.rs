//! The field that decides what belongs together: a canonical name or a raw path.

use std::borrow::Cow;

use super::Wrong;
use crate::{
    record::{Canonical, Field, Path, Reader, Record, Step},
    tree::{Known, Requests},
};

/// A field by its name, as in an expression: `tree`, `.http.status`, `.a."b.c"[0]`.
#[derive(Clone, Debug)]
pub(super) struct By {
    name: String,
    subject: Subject,
}

#[derive(Clone, Debug)]
enum Subject {
    Canonical(Canonical),
    Raw(Path),
}

/// A field that a reader has been asked for.
#[derive(Debug)]
pub(super) enum Wanted {
    /// The request, by all that tells of it.
    Tree(Box<Requests>),
    Canonical(Canonical),
    Raw(Field),
}

impl By {
    /// Reads a name: a canonical field, or else a path, with or without a dot in front.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let name = text.trim();
        let subject = match Canonical::from_name(name) {
            Some(canonical) => Subject::Canonical(canonical),
            None => Subject::Raw(path(name)?),
        };
        let name = name.to_owned();
        Ok(Self { name, subject })
    }

    /// The name, as the user wrote it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn want(&self, reader: &mut Reader) -> Wanted {
        match &self.subject {
            Subject::Canonical(Canonical::Tree) => Wanted::Tree(Box::new(Requests::ask(reader))),
            Subject::Canonical(canonical) => {
                reader.canonical(*canonical);
                Wanted::Canonical(*canonical)
            }
            Subject::Raw(path) => Wanted::Raw(reader.raw(path)),
        }
    }
}

impl Wanted {
    /// The field's text; a null is as good as none. `known` is of the records of one `Found`.
    pub(super) fn text<'a>(
        &self,
        record: &Record<'a, '_>,
        known: &mut Known,
    ) -> Option<Cow<'a, str>> {
        match self {
            Self::Tree(requests) => requests.name(record, known),
            Self::Canonical(canonical) => record.text(*canonical),
            Self::Raw(field) => record
                .raw(field)
                .filter(|value| value.kind != crate::record::Kind::Null)
                .map(crate::record::Value::text),
        }
    }

    /// The same, and for a request by which of its names a record tells it does not matter, if that can be known. The
    /// reader has been asked for [`Canonical::Type`].
    pub(super) fn common_text<'a>(
        &self,
        record: &Record<'a, '_>,
        known: &mut Known,
    ) -> Option<Cow<'a, str>> {
        match self {
            Self::Tree(requests) => requests.common_name(record, known),
            _ => self.text(record, known),
        }
    }
}

/// Deeper fields are not asked for by hand; the scanner descends once a step.
const MOST_STEPS: usize = 64;

/// Reads a path: `.a.b`, `a.b[0]`, `."odd key"`.
pub(super) fn path(text: &str) -> Result<Path, Wrong> {
    let wrong = || {
        Wrong::new(
            format!("no field: '{text}'"),
            "write a name such as logger, or a path such as .http.status or .\"odd key\"",
        )
    };
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(index) = rest.strip_prefix('[').filter(|_| !steps.is_empty()) {
            let (index, after) = index.split_once(']').ok_or_else(wrong)?;
            steps.push(Step::Index(index.parse().map_err(|_| wrong())?));
            rest = after;
            continue;
        }
        let key = match rest.strip_prefix('.') {
            Some(key) => key,
            None if steps.is_empty() => rest,
            None => return Err(wrong()),
        };
        let (key, after) = first_key(key).ok_or_else(wrong)?;
        steps.push(Step::Key(key));
        rest = after;
    }
    if steps.is_empty() || steps.len() > MOST_STEPS {
        return Err(wrong());
    }
    Ok(Path { steps })
}

/// The key that a path begins with, and what follows it.
fn first_key(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        // The quoted key is a string of JSON.
        let mut keys = serde_json::Deserializer::from_str(text).into_iter::<String>();
        let key = keys.next()?.ok()?;
        return Some((key, &text[keys.byte_offset()..]));
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (key, rest) = text.split_at(end);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '@' | '$' | '-' | '/');
    (!key.is_empty() && key.chars().all(plain)).then(|| (key.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_in_expressions() {
        let check = |text: &str, expect: Option<&str>| {
            let path = path(text).ok().map(|path| path.to_string());
            assert_eq!(path.as_deref(), expect, "{text}");
        };
        check(".a", Some(".a"));
        check("a.b", Some(".a.b"));
        check("a[0].b", Some(".a[0].b"));
        check(r#"."odd key".x"#, Some(r#"."odd key".x"#));
        check(r#"a."b.c\"d""#, Some(r#".a."b.c\"d""#));
        check(".user-id", Some(r#"."user-id""#));
        for wrong in [
            "",
            ".",
            "..",
            "a.",
            "[0]",
            "a[",
            "a[x]",
            "a b",
            r#"."open"#,
            "a\"b\"",
        ] {
            check(wrong, None);
        }
        check("a.".repeat(65).trim_end_matches('.'), None);
    }

    #[test]
    fn a_canonical_name_means_the_canonical_field() {
        let text = |by: &str, line: &str| {
            let mut reader = Reader::default();
            let wanted = By::parse(by).expect("a field").want(&mut reader);
            let mut found = crate::record::Found::default();
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            let known = &mut Known::default();
            wanted.text(&record, known).map(Cow::into_owned)
        };
        let line = r#"{"name":"shop","level":30,"time":1,"msg":"x","pid":1,"hostname":"h","v":0,"n":null}"#;
        assert_eq!(text("logger", line).as_deref(), Some("shop"));
        assert_eq!(text(".logger", line), None);
        assert_eq!(text("msg", line).as_deref(), Some("x"));
        assert_eq!(text("n", line), None);
        assert_eq!(text(".v", line).as_deref(), Some("0"));
    }
}
