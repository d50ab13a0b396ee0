//! The flags that say where ids stand, for records that no scheme knows.

use clap::Args;

use crate::{
    cli::common::now,
    error::{Error, Result},
    expr::{Expr, Subject},
    record::{Path, Reader, Record},
    tree::{
        Schemes,
        scheme::{Generic, Join, Predicate},
    },
};

/// Where ids stand.
#[derive(Args, Debug)]
pub(super) struct SchemeArgs {
    /// Records have the id of their scope in FIELD
    ///
    /// Such records are placed by this and the flags below, whatever other ids they have.
    /// Fields are paths, as in dl-expr(7); the dot in front may be left out.
    #[arg(long, value_name = "FIELD", help_heading = "Own ids")]
    id: Option<String>,

    /// They have the id of the scope above in FIELD
    ///
    /// Where it is missing, null or empty, the scope is the root. Without --tree, the records
    /// whose ids are linked so are one tree.
    #[arg(long, value_name = "FIELD", requires = "id", help_heading = "Own ids")]
    parent: Option<String>,

    /// They have the id of the tree in FIELD
    #[arg(
        long,
        value_name = "FIELD",
        requires = "id",
        help_heading = "Own ids",
        hide_short_help = true
    )]
    tree: Option<String>,

    /// The whole numbers in FIELD order the records of a scope
    ///
    /// Without it they are ordered by time. Two of one number in a scope are flagged as duplicate.
    #[arg(long, value_name = "FIELD", requires = "id", help_heading = "Own ids")]
    #[arg(hide_short_help = true)]
    position: Option<String>,

    /// The records that EXPR selects begin a scope, and their message is its name
    #[arg(long, value_name = "EXPR", requires = "id", help_heading = "Own ids")]
    #[arg(hide_short_help = true)]
    start: Option<String>,

    /// The records that EXPR selects end a scope
    ///
    /// How it ended is what their status says, canonical or the member of that name: succeeded, failed,
    /// running or unknown. Where that is none of these, it failed if their level is error or above.
    #[arg(long, value_name = "EXPR", requires = "id", help_heading = "Own ids")]
    #[arg(hide_short_help = true)]
    end: Option<String>,

    /// The trees of records with the same value in FIELD are one; may be given several times
    ///
    /// Records that have nothing else are a scope of that tree, called FIELD=VALUE: it is not known that
    /// any other scope has written them. With NAME=FIELD they are called NAME=VALUE, and fields of one
    /// NAME are the same: --join id=request_id --join id=attributes.request_id.
    #[arg(long, value_name = "FIELD", help_heading = "Own ids")]
    join: Vec<String>,
}

impl SchemeArgs {
    /// All schemes, those of the flags among them.
    pub(super) fn schemes(&self) -> Result<Schemes> {
        let mut schemes = Schemes::default();
        let path = |flag: &str, text: &Option<String>| {
            let path = text.as_deref().map(|text| field(flag, text));
            path.transpose()
        };
        if let Some(id) = path("--id", &self.id)? {
            let generic = Box::new(Generic {
                id,
                parent: path("--parent", &self.parent)?,
                tree: path("--tree", &self.tree)?,
                order: path("--position", &self.position)?,
                start: prepare("--start", self.start.as_deref())?,
                end: prepare("--end", self.end.as_deref())?,
            });
            schemes.first.insert(0, generic);
        }
        if !self.join.is_empty() {
            let joined = |text: &String| {
                let named = text.split_once('=');
                // A path may have the character too, within quotes.
                let (name, path) = named
                    .filter(|(name, _)| !name.contains('"'))
                    .unwrap_or((text, text));
                Ok((name.to_owned(), field("--join", path)?))
            };
            schemes.last.push(Box::new(Join {
                fields: self.join.iter().map(joined).collect::<Result<_>>()?,
            }));
        }
        Ok(schemes)
    }
}

/// A field by its path, with or without a dot in front.
fn field(flag: &str, text: &str) -> Result<Path> {
    let dotted = if text.starts_with('.') {
        text.to_owned()
    } else {
        format!(".{text}")
    };
    match Subject::parse(&dotted) {
        Ok(Subject::Raw(path)) => Ok(path),
        Ok(Subject::Canonical(_)) => Err(Error::Usage(format!("{flag}: no field: '{text}'"))),
        Err(error) => Err(Error::Usage(format!("{flag}: {error}"))),
    }
}

/// What asks a reader for the fields of an expression, and gives the expression compiled.
type Prepare = Box<dyn Fn(&mut Reader) -> Predicate + Send + Sync>;

fn prepare(flag: &str, text: Option<&str>) -> Result<Option<Prepare>> {
    let Some(text) = text else {
        return Ok(None);
    };
    let expr =
        Expr::parse(text, now()).map_err(|error| Error::Usage(format!("{flag}: {error}")))?;
    Ok(Some(Box::new(move |reader| {
        let filter = expr.compile(reader);
        Box::new(move |record: &Record<'_, '_>| filter.matches(record))
    })))
}
