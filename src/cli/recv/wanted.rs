//! `--where`: which records of databases are read back.

use std::sync::Arc;

use clap::Args;

use super::{Error, Result};
use crate::{
    cli::common::now,
    endpoint::Endpoint,
    expr::Expr,
    record::{Found, Reader},
    store::{Match, Where},
};

/// Which records of stores are read.
#[derive(Args, Clone, Debug)]
pub(super) struct WhereArgs {
    /// Read only those records of databases and Parquet that EXPR selects
    ///
    /// The language is that of dl-filter(1). What the expression asks of time, level, logger,
    /// service, host and tree the database is asked for, so that it need not read the others.
    #[arg(long = "where", value_name = "EXPR", hide_short_help = true)]
    wanted: Option<String>,
}

impl WhereArgs {
    /// What is wanted of the databases among the inputs.
    pub(super) fn wanted(&self, inputs: &[Endpoint]) -> Result<Option<Where>> {
        let Some(text) = &self.wanted else {
            return Ok(None);
        };
        if !inputs
            .iter()
            .any(|input| matches!(input, Endpoint::Store(_)))
        {
            return Err(Error::Misused {
                reason: "--where is about databases, and none is named".into(),
                hint: "pipe into dl-filter EXPR, which selects records of any kind",
            });
        }
        let expr =
            Expr::parse(text, now()).map_err(|error| Error::Usage(format!("--where: {error}")))?;
        let condition = expr.condition();
        let matched = move || -> Match {
            let mut reader = Reader::default();
            let filter = expr.compile(&mut reader);
            let mut found = Found::default();
            Box::new(move |line| {
                let record = reader.read(line, &mut found);
                record.is_ok_and(|record| filter.matches(&record))
            })
        };
        Ok(Some(Where {
            condition,
            matched: Arc::new(matched),
        }))
    }
}
