//! `--schema` and `--map`: under which names the user's own programs keep the canonical fields.

mod file;

use std::{env, fs, path::PathBuf};

use clap::Args;

use crate::{
    error::{Error, Result},
    expr::nearest,
    record::{self, Canonical, Own, OwnError, OwnPlace, Reading},
};

/// Names the files of schemas where no flag does, with colons between them.
const VARIABLE: &str = "DISTLOG_SCHEMA";

/// What the user tells of records.
#[derive(Args, Clone, Debug)]
pub(super) struct OwnArgs {
    /// Records look as FILE says (dl-schema(5)); may be given several times
    ///
    /// FILE is TOML, and says under which names programs of your own keep time, level, message and the
    /// other canonical fields, and ids. Without the flag the variable DISTLOG_SCHEMA names files, with
    /// colons between them, so that all programs of a pipeline know them.
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Own names",
        hide_short_help = true
    )]
    schema: Vec<PathBuf>,

    /// Look for the canonical field NAME at FIELD first; may be given several times
    ///
    /// It holds for all records, and where nothing stands there NAME is looked for as ever. FIELD is a
    /// path such as ctx.when, as in dl-schema(5), where units, scales and words can be told too.
    #[arg(
        long,
        value_name = "NAME=FIELD",
        help_heading = "Own names",
        hide_short_help = true
    )]
    map: Vec<String>,
}

impl OwnArgs {
    /// Tells it to all readers; to be done before the first one is made.
    pub(super) fn tell(&self) -> Result<()> {
        self.tell_of_trees().map(drop)
    }

    /// The same for who makes trees; returns what of it is of no effect on them.
    pub(super) fn tell_of_trees(&self) -> Result<Vec<Error>> {
        let mut own = Own::default();
        let mut idle = Vec::new();
        let named = env::var_os(VARIABLE).filter(|_| self.schema.is_empty());
        let named: Vec<_> = named.iter().flat_map(env::split_paths).collect();
        let given = self.schema.iter().chain(&named);
        for path in given.filter(|path| !path.as_os_str().is_empty()) {
            let text = fs::read_to_string(path).map_err(|source| Error::File {
                path: path.clone(),
                source,
            })?;
            idle.extend(file::read(&path.display().to_string(), &text, &mut own)?);
        }
        for text in &self.map {
            own.first.push(mapping(text)?);
        }
        if own.first.iter().any(|(name, _)| *name == Canonical::Node) {
            // It holds for all records.
            idle.clear();
        }
        if !own.schemas.is_empty() || !own.first.is_empty() {
            record::tell(own).map_err(|error| Error::Usage(format!("--schema: {error}")))?;
        }
        Ok(idle)
    }
}

/// Reads `NAME=FIELD`.
fn mapping(text: &str) -> Result<(Canonical, OwnPlace)> {
    let wrong = |reason: &str| Error::Usage(format!("--map {text}: {reason}"));
    let (name, field) = text
        .split_once('=')
        .filter(|(_, field)| !field.is_empty())
        .ok_or_else(|| wrong("expected NAME=FIELD, such as time=ctx.when"))?;
    let canonical = Canonical::from_name(name).ok_or_else(|| wrong(&unknown(name)))?;
    let place = OwnPlace::new(canonical, field, &Reading::Usual);
    let place = place.map_err(|error: OwnError| wrong(&error.to_string()))?;
    Ok((canonical, place))
}

/// Says that a name is none of a canonical field.
fn unknown(name: &str) -> String {
    let names = || Canonical::ALL.into_iter().map(Canonical::name);
    match nearest(name, names()) {
        Some(near) => format!("no canonical field is called '{name}'; did you mean {near}?"),
        None => format!(
            "no canonical field is called '{name}': there are {}",
            names().collect::<Vec<_>>().join(", ")
        ),
    }
}
