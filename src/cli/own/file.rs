//! Files of schemas: TOML, with a table `[[schema]]` for each program.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::{
    cli::config::file::{File, in_order, kind},
    error::{Error, Result},
    expr::nearest,
    record::{Canonical, Own, OwnError, OwnPlace, OwnSchema, Reading, Scale, Unit, producers},
};

/// What a schema says beside where canonical fields stand.
const KEYS: [&str; 4] = ["name", "like", "has", "is"];

const UNITS: [(&str, Unit); 4] = [
    ("s", Unit::Seconds),
    ("ms", Unit::Millis),
    ("us", Unit::Micros),
    ("ns", Unit::Nanos),
];
const SCALES: [(&str, Scale); 4] = [
    ("python", Scale::Python),
    ("pino", Scale::Pino),
    ("otel", Scale::Otel),
    ("syslog", Scale::Syslog),
];

/// A value in the file.
type Value<'t> = toml::Spanned<DeValue<'t>>;

/// What says something of scopes, and nothing where records have none.
const OF_SCOPES: [Canonical; 5] = [
    Canonical::Parent,
    Canonical::Seq,
    Canonical::Event,
    Canonical::Status,
    Canonical::Duration,
];

/// Reads a file; returns what in it is of no effect on trees.
pub(super) fn read(path: &str, text: &str, own: &mut Own) -> Result<Vec<Error>> {
    let mut idle = Vec::new();
    let file = File::new(path, text);
    let parsed = file.parse()?;
    for (name, value) in in_order(parsed.get_ref()) {
        let whole: &str = name.get_ref();
        if whole != "schema" {
            return Err(file.unknown(name, whole, &["schema"]));
        }
        let Some(schemas) = value.get_ref().as_array() else {
            let reason = format!("expected tables, found {}", kind(value.get_ref()));
            let hint = Some("begin each with [[schema]]".to_owned());
            return Err(file.wrong(&value.span(), whole, &reason, hint));
        };
        for schema in schemas {
            let table = table(&file, "schema", schema)?;
            let read = read_schema(&file, &schema.span(), table, &own.schemas)?;
            idle.extend(without_scopes(&file, table, &read));
            own.schemas.push(read);
        }
    }
    Ok(idle)
}

/// What a schema says of scopes whose records, by what it says, stand in none. Who writes `node = []`
/// knows that.
fn without_scopes(file: &File<'_>, table: &DeTable<'_>, schema: &OwnSchema) -> Option<Error> {
    let is_told = |canonical| schema.fields.iter().any(|(told, _)| *told == canonical);
    // Those of a producer have its scopes.
    if schema.like.is_some() || !is_told(Canonical::Tree) || is_told(Canonical::Node) {
        return None;
    }
    let of_scopes = |name: &str| {
        let canonical = Canonical::from_name(name);
        canonical.is_some_and(|canonical| OF_SCOPES.contains(&canonical))
    };
    let mut keys = in_order(table).into_iter();
    let (key, _) = keys.find(|(key, _)| of_scopes(key.get_ref()))?;
    let name = &schema.name;
    let reason = format!("of no effect on trees, because the schema '{name}' tells no node");
    let hint = "write where the id of a scope stands as node: the place of tree, and parent = [], if each \
                record tells of a whole request; node = [] says that there are no scopes";
    Some(file.wrong(&key.span(), key.get_ref(), &reason, Some(hint.to_owned())))
}

fn read_schema(
    file: &File<'_>,
    span: &Range<usize>,
    table: &DeTable<'_>,
    others: &[OwnSchema],
) -> Result<OwnSchema> {
    let mut schema = OwnSchema {
        name: String::new(),
        like: None,
        has: Vec::new(),
        is: Vec::new(),
        fields: Vec::new(),
    };
    for (name, value) in in_order(table) {
        let key: &str = name.get_ref();
        match key {
            "name" => {
                let name = text(file, key, value)?;
                if others.iter().any(|other| other.name == name)
                    || producers().any(|row| row == name)
                {
                    let error = OwnError::Known(name.to_owned()).to_string();
                    return Err(file.wrong(&value.span(), key, &error, None));
                }
                name.clone_into(&mut schema.name);
            }
            "like" => {
                let like = text(file, key, value)?;
                if !producers().any(|row| row == like) {
                    let error = OwnError::Unlike(like.to_owned()).to_string();
                    let hint = match nearest(like, producers()) {
                        Some(near) => format!("did you mean {near}?"),
                        None => format!("known are {}", producers().collect::<Vec<_>>().join(", ")),
                    };
                    return Err(file.wrong(&value.span(), key, &error, Some(hint)));
                }
                schema.like = Some(like.to_owned());
            }
            "has" => schema.has = texts(file, key, value)?,
            "is" => {
                for (path, value) in in_order(self::table(file, key, value)?) {
                    schema
                        .is
                        .push((path.get_ref().to_string(), word(file, key, value)?));
                }
            }
            _ => {
                let Some(canonical) = Canonical::from_name(key) else {
                    let names = Canonical::ALL.into_iter().map(Canonical::name);
                    let known: Vec<_> = KEYS.into_iter().chain(names).collect();
                    return Err(file.unknown(name, key, &known));
                };
                let mut places = Vec::new();
                for one in each(value) {
                    read_places(file, canonical, one, &mut places)?;
                }
                schema.fields.push((canonical, places));
            }
        }
    }
    if schema.name.is_empty() {
        let hint = Some("write name = \"…\"".to_owned());
        return Err(file.wrong(span, "schema", "it has no name", hint));
    }
    Ok(schema)
}

/// Reads a path, or a table of paths and how they are meant.
fn read_places(
    file: &File<'_>,
    canonical: Canonical,
    value: &Value<'_>,
    places: &mut Vec<OwnPlace>,
) -> Result<()> {
    let key = canonical.name();
    let (mut paths, mut reading, mut said) = (Vec::new(), Reading::Usual, value.span());
    match value.get_ref() {
        DeValue::String(path) => paths.push(path.to_string()),
        DeValue::Table(table) => {
            for (name, value) in in_order(table) {
                let whole = format!("{key}.{}", name.get_ref());
                match name.get_ref().as_ref() {
                    "at" => paths = texts(file, &whole, value)?,
                    "unit" => reading = Reading::In(one_of(file, &whole, value, &UNITS)?),
                    "scale" => reading = Reading::On(one_of(file, &whole, value, &SCALES)?),
                    "words" => {
                        let words = in_order(self::table(file, &whole, value)?).into_iter();
                        let words = words.map(|(word, means)| {
                            Ok((
                                word.get_ref().to_string(),
                                text(file, &whole, means)?.to_owned(),
                            ))
                        });
                        reading = Reading::Words(words.collect::<Result<_>>()?);
                    }
                    _ => return Err(file.unknown(name, &whole, &["at", "unit", "scale", "words"])),
                }
                if name.get_ref() != "at" {
                    said = value.span();
                }
            }
        }
        other => {
            let reason = format!("expected a path or a table, found {}", kind(other));
            let hint = Some(format!("such as {key} = {{ at = \"path\" }}"));
            return Err(file.wrong(&value.span(), key, &reason, hint));
        }
    }
    if paths.is_empty() {
        let hint = Some("write at = \"path\"".to_owned());
        return Err(file.wrong(&value.span(), key, "it does not say where it stands", hint));
    }
    for path in paths {
        let place = OwnPlace::new(canonical, &path, &reading);
        places.push(place.map_err(|error| file.wrong(&said, key, &error.to_string(), None))?);
    }
    Ok(())
}

/// The elements of a list, or the one value that it is.
fn each<'d, 't>(value: &'d Value<'t>) -> Vec<&'d Value<'t>> {
    match value.get_ref() {
        DeValue::Array(list) => list.iter().collect(),
        _ => vec![value],
    }
}

fn table<'d, 't>(file: &File<'_>, key: &str, value: &'d Value<'t>) -> Result<&'d DeTable<'t>> {
    value.get_ref().as_table().ok_or_else(|| {
        let reason = format!("expected a table, found {}", kind(value.get_ref()));
        file.wrong(&value.span(), key, &reason, None)
    })
}

fn text<'d>(file: &File<'_>, key: &str, value: &'d Value<'_>) -> Result<&'d str> {
    value.get_ref().as_str().ok_or_else(|| {
        let reason = format!("expected a text in quotes, found {}", kind(value.get_ref()));
        file.wrong(&value.span(), key, &reason, None)
    })
}

fn texts(file: &File<'_>, key: &str, value: &Value<'_>) -> Result<Vec<String>> {
    let texts = each(value).into_iter();
    texts
        .map(|one| Ok(text(file, key, one)?.to_owned()))
        .collect()
}

/// A text, number or truth value as it stands in records.
fn word(file: &File<'_>, key: &str, value: &Value<'_>) -> Result<String> {
    Ok(match value.get_ref() {
        DeValue::Integer(number) => number.to_string(),
        DeValue::Boolean(on) => on.to_string(),
        _ => text(file, key, value)?.to_owned(),
    })
}

fn one_of<T: Copy>(
    file: &File<'_>,
    key: &str,
    value: &Value<'_>,
    known: &[(&str, T)],
) -> Result<T> {
    let name = text(file, key, value)?;
    let found = known.iter().find(|(known, _)| *known == name);
    found.map(|(_, one)| *one).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        let hint = Some(format!("known are {}", names.join(", ")));
        file.wrong(&value.span(), key, &format!("no such word: '{name}'"), hint)
    })
}
