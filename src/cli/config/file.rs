//! The file of settings: TOML in which each value has a place.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Form, Key, Origin, Setting, Settings, theme};
use crate::{
    error::{Error, Result},
    expr::nearest,
};

/// A file that is being read.
pub(in crate::cli) struct File<'t> {
    pub(in crate::cli) path: &'t str,
    text: &'t str,
}

impl<'t> File<'t> {
    pub(in crate::cli) fn new(path: &'t str, text: &'t str) -> Self {
        Self { path, text }
    }

    /// What stands in it.
    pub(in crate::cli) fn parse(&self) -> Result<Spanned<DeTable<'t>>> {
        DeTable::parse(self.text).map_err(|error| {
            let words: Vec<_> = error.message().lines().collect();
            let span = error.span().unwrap_or(0..0);
            let Origin::File(path, line) = self.origin(&span) else {
                return Error::Failed(words.join("; "));
            };
            Error::Rules {
                path,
                reason: format!("{line}: this is no TOML: {}", words.join("; ")),
                suggestion: None,
            }
        })
    }

    pub(super) fn origin(&self, span: &Range<usize>) -> Origin {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        Origin::File(self.path.to_owned(), line)
    }

    /// An error about what stands at `span`.
    pub(in crate::cli) fn wrong(
        &self,
        span: &Range<usize>,
        key: &str,
        reason: &str,
        hint: Option<String>,
    ) -> Error {
        self.origin(span).wrong(key, reason, hint)
    }

    /// An error about a key that nobody knows.
    pub(in crate::cli) fn unknown(
        &self,
        key: &Spanned<toml::de::DeString<'_>>,
        whole: &str,
        known: &[&str],
    ) -> Error {
        let hint = match nearest(key.get_ref(), known.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("known are {}", known.join(", ")),
        };
        self.wrong(&key.span(), whole, "no such setting", Some(hint))
    }
}

/// Reads a file; of its tables the one of `program` is looked at, and the themes.
pub(super) fn read(path: &str, text: &str, program: &str, keys: &[Key]) -> Result<Settings> {
    let file = File::new(path, text);
    let parsed = file.parse()?;
    let mut settings = Settings::default();
    for (name, value) in in_order(parsed.get_ref()) {
        let whole: &str = name.get_ref();
        let table = |what: &str| {
            value.get_ref().as_table().ok_or_else(|| {
                let reason = format!("expected a table, found {}", kind(value.get_ref()));
                let hint = format!("begin it with [{what}]");
                file.wrong(&value.span(), whole, &reason, Some(hint))
            })
        };
        if whole == program {
            settings.all = section(&file, program, table(program)?, keys)?;
        } else if whole == "themes" {
            settings.themes = theme::read(&file, table("themes.NAME")?)?;
        } else {
            return Err(file.unknown(name, whole, &[program, "themes"]));
        }
    }
    Ok(settings)
}

/// The members of a table, as they stand in the file.
pub(in crate::cli) fn in_order<'d, 't>(
    table: &'d DeTable<'t>,
) -> Vec<(
    &'d Spanned<toml::de::DeString<'t>>,
    &'d Spanned<DeValue<'t>>,
)> {
    let mut members: Vec<_> = table.iter().collect();
    members.sort_by_key(|(name, _)| name.span().start);
    members
}

/// Reads the settings of a program.
fn section(
    file: &File<'_>,
    program: &str,
    table: &DeTable<'_>,
    keys: &[Key],
) -> Result<Vec<Setting>> {
    let mut all = Vec::new();
    for (name, value) in in_order(table) {
        let whole = format!("{program}.{}", name.get_ref());
        let Some(key) = keys.iter().find(|key| name.get_ref() == key.name) else {
            let known: Vec<_> = keys.iter().map(|key| key.name).collect();
            return Err(file.unknown(name, &whole, &known));
        };
        let Some(values) = values(key.form, value.get_ref()) else {
            let expected = match key.form {
                Form::Text => "a text in quotes",
                Form::Number => "a whole number",
                Form::Switch => "true or false",
                Form::List | Form::Names => "a list of texts",
            };
            let reason = format!("expected {expected}, found {}", kind(value.get_ref()));
            return Err(file.wrong(&value.span(), &whole, &reason, None));
        };
        all.push(Setting {
            key: key.name,
            values,
            origin: file.origin(&value.span()),
        });
    }
    Ok(all)
}

/// A value as flags have it.
fn values(form: Form, value: &DeValue<'_>) -> Option<Vec<String>> {
    let text = |value: &DeValue<'_>| value.as_str().map(str::to_owned);
    Some(match (form, value) {
        (Form::Text | Form::List | Form::Names, DeValue::String(_)) => vec![text(value)?],
        (Form::List | Form::Names, DeValue::Array(list)) => list
            .iter()
            .map(|one| text(one.get_ref()))
            .collect::<Option<_>>()?,
        (Form::Number, DeValue::Integer(number)) => {
            vec![
                i64::from_str_radix(number.as_str(), number.radix())
                    .ok()?
                    .to_string(),
            ]
        }
        (Form::Switch, DeValue::Boolean(on)) => vec![on.to_string()],
        _ => return None,
    })
}

/// What a value is, in words.
pub(in crate::cli) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
