//! dl-filter: select records and trees.

mod end;
mod explain;
mod plan;
mod presence;
mod select;
mod select_args;
mod stage;

use std::time::Duration;

use clap::Parser;

use self::{
    end::End,
    plan::{Plan, Selection},
    presence::QuestionArgs,
    select_args::SelectArgs,
};
use super::{
    Outcome, Program,
    common::{Foreign, InputArgs},
    feed::{Feed, Run},
    say,
};
use crate::{
    endpoint::Endpoint,
    error::{Error, Result},
    expr::Expr,
    record::Reader,
    shutdown::Shutdown,
    sink::{Sink, Stdout},
};

/// How long an input that waits for more goes unasked whether more is wanted: short for
/// people, long for a machine.
const TICK: Duration = Duration::from_millis(50);

/// Select records and trees, and pass them on byte for byte
#[derive(Debug, Parser)]
#[command(name = "dl-filter", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct FilterArgs {
    #[command(flatten)]
    select: SelectArgs,

    /// Stop after N selected records
    #[arg(short, long, value_name = "N")]
    max_count: Option<u64>,

    /// Write only the number of selected records
    #[arg(short, long)]
    count: bool,

    #[command(flatten)]
    question: QuestionArgs,

    /// Exit with 1 if nothing was selected
    #[arg(short, long, hide_short_help = true)]
    exit_status: bool,

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
        let (expr, input) = self.select.expression()?;
        if self.select.explain {
            return self.explain(expr);
        }
        self.input.files.splice(0..0, input);
        let inputs = self.inputs()?;
        let mut reader = Reader::default();
        let filter = expr.compile(&mut reader);
        if self.max_count == Some(0) {
            // That much is selected already: no input needs to be waited for.
            shutdown.ask();
        }
        // A reader of standard output matters only if something goes there.
        let output = if self.question.quiet {
            Endpoint::File("/dev/null".into())
        } else {
            Endpoint::Standard
        };
        let lines = &self.input.lines;
        let feed = Feed::over(Self::NAME, inputs, lines, Foreign::Drop, shutdown, &output)?;
        let selection = Selection {
            reader: &reader,
            filter: &filter,
            invert: self.select.invert,
            all: false,
            treatments: Vec::new(),
        };
        let (run, selected) = if let Some(question) = self.question.question()? {
            presence::run(&selection, question, feed.with_tick(Some(TICK)))?
        } else {
            let plan = Plan {
                selection,
                gather: Vec::new(),
                stages: Vec::new(),
            };
            plan.run(feed, End::new(Stdout::open()?, self.max_count, self.count))?
        };
        Ok(self.outcome(run, selected))
    }
}

impl FilterArgs {
    /// The inputs, of which standard input may be taken already.
    fn inputs(&self) -> Result<Vec<Endpoint>> {
        let inputs = self.input.endpoints()?;
        if self.select.takes_stdin() && inputs.contains(&Endpoint::Standard) {
            return Err(Error::Usage(
                "standard input cannot be both the expression and an input".into(),
            ));
        }
        Ok(inputs)
    }

    fn explain(&self, expr: Expr) -> Result<Outcome> {
        let expr = if self.select.invert { !expr } else { expr };
        let text = explain::explanation(&expr, self.select.clock().zone);
        Stdout::open()?.write(text.as_bytes())?;
        Ok(Outcome::Done)
    }

    fn outcome(&self, run: Run, selected: u64) -> Outcome {
        let outcome = run.finish();
        let quiet = self.question.quiet;
        if selected > 0 {
            return if quiet { Outcome::Done } else { outcome };
        }
        if !quiet && let Some(advice) = self.select.advice() {
            say(Self::NAME, &advice);
        }
        if (quiet || self.exit_status) && outcome == Outcome::Done {
            Outcome::NothingSelected
        } else {
            outcome
        }
    }
}
