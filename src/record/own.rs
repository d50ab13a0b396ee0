//! The user's own schemas: under which names programs of theirs keep the canonical fields.
//!
//! They stand beside those of producers, and every reader that is made after they have been told
//! knows them, for as long as the process lives: what a program's records look like is no more a
//! matter of one part of it than the table of producers is.

use std::sync::OnceLock;

use super::{
    canonical::Canonical,
    form::Form,
    level::{Level, Scale},
    mark::Mark,
    producers::PRODUCERS,
    projection::Duplicates,
    schema::{Schema, Source},
    time::Unit,
};

/// What a user tells of records.
#[derive(Debug, Default)]
pub struct Own {
    /// What records of some kind look like.
    pub schemas: Vec<OwnSchema>,
    /// Where a canonical field of all records is looked for first.
    pub first: Vec<(Canonical, OwnPlace)>,
}

/// How one program writes its records.
#[derive(Debug)]
pub struct OwnSchema {
    /// What it is called; no other schema is called so.
    pub name: String,
    /// The producer that is meant wherever the schema says nothing, and whose ids its records
    /// have; without one, the names that most have, and ids as the schema says.
    pub like: Option<String>,
    /// Fields that its records have, and not null. Without any, and without `is`, all records are
    /// meant that no producer is known by.
    pub has: Vec<String>,
    /// Fields with the text or number that they have.
    pub is: Vec<(String, String)>,
    /// Where canonical fields stand, the best place first; no place says that there is none.
    pub fields: Vec<(Canonical, Vec<OwnPlace>)>,
}

/// A place where a canonical field stands.
#[derive(Clone, Copy, Debug)]
pub struct OwnPlace(Source);

/// How what stands there is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As it is mostly written: times in any form, levels as words or Python's numbers, durations in seconds.
    Usual,
    /// A number of this unit, for times and durations.
    In(Unit),
    /// A level, of which numbers are of this scale.
    On(Scale),
    /// One of these words, numbers or truth values, with what it means.
    Words(Vec<(String, String)>),
}

/// Why what a user tells cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnError {
    /// A unit for what is neither a time nor a duration.
    #[error("{0} has no unit: times and durations have one")]
    NoUnit(&'static str),
    /// A scale for what is no level.
    #[error("{0} has no scale: levels have one")]
    NoScale(&'static str),
    /// Words for a time or a number.
    #[error("{0} has no words")]
    NoWords(&'static str),
    /// A word that means nothing for the field.
    #[error("'{word}' is no {field}: expected {expected}")]
    Word {
        /// The word.
        word: String,
        /// The canonical field.
        field: &'static str,
        /// What there is.
        expected: &'static str,
    },
    /// Two schemas of one name.
    #[error("there is a schema of the name '{0}' already")]
    Known(String),
    /// No producer of that name, or one of records that the toolkit makes itself.
    #[error("no producer is known by the name '{0}'")]
    Unlike(String),
    /// Records have been read already.
    #[error("schemas are told before records are read, and once")]
    Late,
}

impl OwnPlace {
    /// The field at a dotted path, which is read so.
    pub fn new(canonical: Canonical, path: &str, reading: &Reading) -> Result<Self, OwnError> {
        let name = canonical.name();
        let form = match (reading, canonical) {
            (Reading::Usual, Canonical::Time) => Form::Time,
            (Reading::Usual, Canonical::Level) => Form::Level(Scale::Python),
            (Reading::Usual, Canonical::Duration) => Form::Seconds(Unit::Seconds),
            (Reading::Usual, Canonical::Exception) => Form::Failure,
            (Reading::Usual, Canonical::Tree) => Form::Request,
            (Reading::Usual, _) => Form::Text,
            (&Reading::In(unit), Canonical::Time) => Form::Epoch(unit),
            (&Reading::In(unit), Canonical::Duration) => Form::Seconds(unit),
            (Reading::In(_), _) => return Err(OwnError::NoUnit(name)),
            (&Reading::On(scale), Canonical::Level) => Form::Level(scale),
            (Reading::On(_), _) => return Err(OwnError::NoScale(name)),
            (Reading::Words(_), Canonical::Time | Canonical::Duration | Canonical::Seq) => {
                return Err(OwnError::NoWords(name));
            }
            (Reading::Words(words), _) => {
                for (_, word) in words {
                    check(canonical, word)?;
                }
                let kept = words.iter().map(|(word, means)| (kept(word), kept(means)));
                Form::Words(kept_list(kept.collect()))
            }
        };
        Ok(Self(Source {
            path: kept(path.strip_prefix('.').unwrap_or(path)),
            form,
            duplicates: Duplicates::First,
            beside: None,
        }))
    }
}

/// Checks that a word means something where there is a closed list of them.
fn check(canonical: Canonical, word: &str) -> Result<(), OwnError> {
    let (is_known, expected) = match canonical {
        Canonical::Level => (Level::from_word(word).is_some(), "a word such as warning"),
        Canonical::Status => (
            ["succeeded", "failed", "running", "unknown"].contains(&word),
            "succeeded, failed, running or unknown",
        ),
        Canonical::Event => (["start", "end"].contains(&word), "start or end"),
        _ => (true, ""),
    };
    if is_known {
        return Ok(());
    }
    Err(OwnError::Word {
        word: word.to_owned(),
        field: canonical.name(),
        expected,
    })
}

/// Schemas live as long as the process.
fn kept(text: &str) -> &'static str {
    Box::leak(Box::<str>::from(text))
}

fn kept_list<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

/// A schema, and what it is called; of which kind its records are, the schema itself tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) schema: &'static Schema,
    pub(super) label: &'static str,
}

/// All schemas.
#[derive(Debug)]
struct Table {
    /// In the order in which they are tried.
    known: Vec<Known>,
    /// The user's own that are like no producer, with the fields that they say where to find.
    own: Vec<(&'static str, Vec<Canonical>)>,
    first: Vec<(Canonical, &'static str)>,
}

static TABLE: OnceLock<Table> = OnceLock::new();

fn table() -> &'static Table {
    TABLE.get_or_init(|| Table {
        known: PRODUCERS.iter().map(known_as_it_is).collect(),
        own: Vec::new(),
        first: Vec::new(),
    })
}

/// All schemas, in the order in which they are tried.
pub(super) fn known() -> &'static [Known] {
    &table().known
}

/// The user's own schemas that are like no producer, with the fields that they say where to find.
pub fn own_schemas() -> &'static [(&'static str, Vec<Canonical>)] {
    &table().own
}

/// The dotted paths under which a canonical field of all records is looked for first.
pub fn mapped(canonical: Canonical) -> Vec<&'static str> {
    let mapped = table().first.iter();
    let of_it = mapped.filter(|(name, _)| *name == canonical);
    of_it.map(|(_, path)| *path).collect()
}

/// The names of the producers that a schema can be like.
pub fn producers() -> impl Iterator<Item = &'static str> {
    let rows = PRODUCERS.iter().filter(|row| !is_ours(row));
    let mut names: Vec<_> = rows.map(|row| row.name).collect();
    // One may be told in several ways.
    names.dedup();
    names.into_iter()
}

/// Tells what a user says of records, to all readers that are made from here on. It has to be
/// done before the first one is.
pub fn tell(own: Own) -> Result<(), OwnError> {
    TABLE.set(Table::with(own)?).map_err(|_| OwnError::Late)
}

fn known_as_it_is(schema: &'static Schema) -> Known {
    Known {
        schema,
        label: schema.name,
    }
}

/// Records that the toolkit makes itself look as they do, whatever a user says.
fn is_ours(schema: &Schema) -> bool {
    matches!(schema.name, "tree" | "node" | "loss")
}

impl Table {
    fn with(own: Own) -> Result<Self, OwnError> {
        let (ours, others): (Vec<_>, Vec<_>) = PRODUCERS.iter().partition(|row| is_ours(row));
        let (usual, producers) = others.split_last().ok_or(OwnError::Late)?;
        let mut labels: Vec<String> = PRODUCERS.iter().map(|row| row.name.to_owned()).collect();
        let (mut marked, mut unmarked, mut own_names) = (Vec::new(), Vec::new(), Vec::new());
        for schema in own.schemas {
            if labels.contains(&schema.name) {
                return Err(OwnError::Known(schema.name));
            }
            labels.push(schema.name.clone());
            let told: Vec<_> = schema.fields.iter().map(|(name, _)| *name).collect();
            let of_nobody = schema.like.is_none();
            let row = row(&schema, &others, usual)?;
            if of_nobody {
                own_names.push((row.label, told));
            }
            if row.schema.marks.is_empty() {
                unmarked.push(row);
            } else {
                marked.push(row);
            }
        }
        let first = &own.first;
        let as_it_is = |rows: &[&'static Schema]| -> Vec<Known> {
            rows.iter().map(|row| known_as_it_is(row)).collect()
        };
        let of_users = [marked, as_it_is(producers), unmarked, as_it_is(&[*usual])];
        let mapped = of_users.into_iter().flatten().map(|row| Known {
            schema: looking_first(row.schema, first),
            ..row
        });
        Ok(Self {
            known: as_it_is(&ours).into_iter().chain(mapped).collect(),
            own: own_names,
            first: first
                .iter()
                .map(|(name, place)| (*name, place.0.path))
                .collect(),
        })
    }
}

/// The row of an own schema: what it does not say is as with the one that it is like.
fn row(
    schema: &OwnSchema,
    producers: &[&'static Schema],
    usual: &'static Schema,
) -> Result<Known, OwnError> {
    let like = match &schema.like {
        None => usual,
        Some(name) => producers
            .iter()
            .find(|row| row.name == name)
            .ok_or_else(|| OwnError::Unlike(name.clone()))?,
    };
    let label = kept(&schema.name);
    let has = schema.has.iter().map(|path| Mark::Has(kept(path)));
    let is = schema
        .is
        .iter()
        .map(|(path, text)| Mark::Is(kept(path), kept(text)));
    let mut fields: Vec<(Canonical, &'static [Source])> = Vec::new();
    for (canonical, places) in &schema.fields {
        let sources = places.iter().map(|place| place.0).collect();
        fields.push((*canonical, kept_list(sources)));
    }
    let said: Vec<_> = fields.iter().map(|(canonical, _)| *canonical).collect();
    fields.extend(like.fields.iter().filter(|(name, _)| !said.contains(name)));
    Ok(Known {
        schema: Box::leak(Box::new(Schema {
            name: if schema.like.is_some() {
                like.name
            } else {
                label
            },
            marks: kept_list(has.chain(is).collect()),
            fields: kept_list(fields),
        })),
        label,
    })
}

/// The schema with other places in front of its own.
fn looking_first(schema: &'static Schema, first: &[(Canonical, OwnPlace)]) -> &'static Schema {
    if first.is_empty() {
        return schema;
    }
    let sources = |canonical: Canonical| {
        let mapped = first.iter().filter(move |(name, _)| *name == canonical);
        let mapped = mapped.map(|(_, place)| place.0);
        let own = schema
            .fields
            .iter()
            .filter(move |(name, _)| *name == canonical);
        let own = own.flat_map(|(_, sources)| sources.iter().copied());
        mapped.chain(own).collect::<Vec<_>>()
    };
    let fields = Canonical::ALL.into_iter();
    let fields = fields.map(|canonical| (canonical, kept_list(sources(canonical)) as &[Source]));
    Box::leak(Box::new(Schema {
        name: schema.name,
        marks: schema.marks,
        fields: kept_list(fields.filter(|(_, sources)| !sources.is_empty()).collect()),
    }))
}

#[cfg(test)]
mod tests;
