//! dl-filter: select records and trees.

mod end;
mod jq;
mod plan;
mod select;
mod stage;

use std::path::Path;

use clap::Parser;

use self::{
    end::End,
    jq::JqArgs,
    plan::{Plan, Selection},
};
use super::{
    Outcome, Program,
    common::{Foreign, InputArgs, now},
    feed::Feed,
};
use crate::{
    error::{Error, Result},
    expr::{Expr, ExprError},
    record::Reader,
    shutdown::Shutdown,
    sink::Stdout,
};

/// Select records and trees, and pass them on byte for byte
#[derive(Debug, Parser)]
#[command(name = "dl-filter", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct FilterArgs {
    /// What to select, as dl-expr(7) tells; 'true' selects every record
    ///
    /// It may be left out if --level, --since, --until, --jq or --jq-file is there: a first
    /// argument that is - or names a file is then an input.
    #[arg(
        value_name = "EXPR",
        required_unless_present_any = ["level", "since", "until", "jq", "jq_file"]
    )]
    expr: Option<String>,

    /// Only records of this level or above
    ///
    /// A word or a number, as in dl-expr(7).
    #[arg(short, long, value_name = "LEVEL")]
    level: Option<String>,

    /// Only records of this time or later: 2026-11-20T12:00:00Z, now-3h, today
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,

    /// Only records before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,

    /// Select what does not match
    ///
    /// This holds for the whole of EXPR, --level, --since and --until together.
    #[arg(short = 'v', long)]
    invert: bool,

    /// Stop after N selected records
    #[arg(short, long, value_name = "N")]
    max_count: Option<u64>,

    /// Write only the number of selected records
    #[arg(short, long)]
    count: bool,

    /// Exit with 1 if nothing was selected
    #[arg(short, long, hide_short_help = true)]
    exit_status: bool,

    #[command(flatten)]
    jq: JqArgs,

    #[command(flatten)]
    input: InputArgs,
}

const EXAMPLES: &str = "Examples:
  dl-filter 'level >= warning' app.ndjson
  dl-filter 'logger startswith \"shop.\" and .http.status >= 500' *.ndjson
  dl-filter --since now-1h 'message ~ \"time.?out\"' app.ndjson.zst
  dl-tree *.ndjson | dl-filter 'status == failed or duration > 2s' | dl-fmt";

impl Program for FilterArgs {
    const NAME: &'static str = "dl-filter";

    fn run(mut self, shutdown: Shutdown) -> Result<Outcome> {
        let (expr, files) = self.expression()?;
        let treatments = self.jq.treatment()?.into_iter().collect();
        self.input.files.splice(0..0, files);
        let mut reader = Reader::default();
        let filter = expr.compile(&mut reader);
        if self.max_count == Some(0) {
            // That much is selected already: no input needs to be waited for.
            shutdown.ask();
        }
        let feed = Feed::new(Self::NAME, &self.input, Foreign::Drop, shutdown)?;
        let plan = Plan {
            selection: Selection {
                reader: &reader,
                filter: &filter,
                invert: self.invert,
                all: false,
                treatments,
            },
            gather: Vec::new(),
            stages: Vec::new(),
        };
        let end = End::new(Stdout::open()?, self.max_count, self.count);
        let (run, selected) = plan.run(feed, end)?;
        let outcome = run.finish();
        let empty = self.exit_status && selected == 0 && outcome == Outcome::Done;
        Ok(if empty {
            Outcome::NothingSelected
        } else {
            outcome
        })
    }
}

impl FilterArgs {
    /// The expression and the flags that are short for one, joined by `and`; and the first
    /// argument, if it turns out to be a file.
    fn expression(&self) -> Result<(Expr, Option<String>)> {
        let now = now();
        let shorthand = self.level.is_some()
            || self.since.is_some()
            || self.until.is_some()
            || self.jq.is_given();
        let (mut expr, file) = match &self.expr {
            Some(name) if shorthand && (name == "-" || Path::new(name).exists()) => {
                (Expr::always(), Some(name.clone()))
            }
            Some(text) => (
                Expr::parse(text, now).map_err(|error| usage("", &error))?,
                None,
            ),
            None => (Expr::always(), None),
        };
        if let Some(level) = &self.level {
            expr = expr.and(Expr::at_least(level).map_err(|error| usage("--level: ", &error))?);
        }
        if let Some(time) = &self.since {
            expr = expr.and(Expr::since(time, now).map_err(|error| usage("--since: ", &error))?);
        }
        if let Some(time) = &self.until {
            expr = expr.and(Expr::until(time, now).map_err(|error| usage("--until: ", &error))?);
        }
        Ok((expr, file))
    }
}

fn usage(flag: &str, error: &ExprError) -> Error {
    Error::Usage(format!("{flag}{error}"))
}
