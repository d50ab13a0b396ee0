//! Where rules come from: the file, and the flags that select before them.

use std::fs;

use super::table::Table;
use crate::{
    cli::common::{LineArgs, now},
    endpoint::Endpoint,
    error::{Error, Result},
    expr::Expr,
    route::Rules,
};

/// A file of rules is written by hand.
const LARGEST: u64 = 1 << 20;

/// A file of rules, to be read now and again.
pub(super) struct RuleFile<'f> {
    pub(super) path: &'f str,
    pub(super) selection: Expr,
    pub(super) invert: bool,
    /// What no destination may be.
    pub(super) inputs: Vec<Endpoint>,
    pub(super) lines: &'f LineArgs,
}

impl RuleFile<'_> {
    /// Reads and compiles the rules that stand there now.
    pub(super) fn load(&self, version: u64) -> Result<Table> {
        let rules = read(self.path)?;
        Ok(Table::new(version, rules, &self.selection, self.invert))
    }
}

/// Reads the rules of a file.
pub(super) fn read(path: &str) -> Result<Rules> {
    let fail = |source| Error::File {
        path: path.into(),
        source,
    };
    if fs::metadata(path).map_err(fail)?.len() > LARGEST {
        return Err(Error::Usage(format!("{path}: larger than 1 MiB")));
    }
    let text = fs::read(path).map_err(fail)?;
    let text = String::from_utf8(text)
        .map_err(|error| Error::Usage(format!("{path}: not UTF-8: {}", error.utf8_error())))?;
    let key = |name: &str| fs::read(name).map_err(|error| format!("{name}: {error}"));
    Rules::parse(&text, now(), &key).map_err(|error| Error::Rules {
        path: path.to_owned(),
        reason: error.to_string(),
        suggestion: error.suggestion().map(str::to_owned),
    })
}
