//! dl-filter: select records and trees.

mod clean;
mod context;
mod end;
mod explain;
mod first_pass;
mod gather;
mod jq;
mod key;
mod of_trees;
mod pace;
mod plan;
mod presence;
mod rules;
mod select;
mod select_args;
mod shard;
mod stage;
mod torn;
mod whole_tree;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use clap::Parser;

use self::{
    clean::CleanArgs,
    end::End,
    first_pass::{Wanted, first_pass},
    gather::{Flags, GatherArgs},
    jq::JqArgs,
    plan::{Plan, Selection},
    presence::QuestionArgs,
    rules::RulesArgs,
    select_args::SelectArgs,
    shard::{Part, ShardArgs, Sharding},
    torn::Torn,
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
    record::{Canonical, Reader},
    shutdown::Shutdown,
    sink::{Sink, Stdout},
    tree::Requests,
};

/// How long an input that waits for more goes unasked whether more is wanted: short for
/// people, long for a machine.
const TICK: Duration = Duration::from_millis(50);

/// How often stages hear that no record has come. It is what a count may come later than it
/// could, so it is short to a person; waking up that often costs nothing.
const IDLE: Duration = Duration::from_millis(250);

/// Select records and trees, and pass them on byte for byte
#[derive(Debug, Parser)]
#[command(name = "dl-filter", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct FilterArgs {
    #[command(flatten)]
    select: SelectArgs,

    /// Stop after N selected records
    ///
    /// What comes behind is in no count. With --jq it is N results, of which one record may
    /// have several.
    #[arg(short, long, value_name = "N")]
    max_count: Option<u64>,

    /// Write only the number of selected records
    ///
    /// With --jq it is the number of results.
    #[arg(short, long)]
    count: bool,

    #[command(flatten)]
    question: QuestionArgs,

    /// Exit with 1 if nothing was selected
    #[arg(short, long, hide_short_help = true)]
    exit_status: bool,

    #[command(flatten)]
    gather: GatherArgs,

    #[command(flatten)]
    clean: CleanArgs,

    #[command(flatten)]
    jq: JqArgs,

    #[command(flatten)]
    rules: RulesArgs,

    #[command(flatten)]
    shard: ShardArgs,

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
        self.input.lines.own.tell()?;
        let optional = self.rules.rules.is_some()
            || self.shard.shard.is_some()
            || self.clean.is_asked_for()
            || self.jq.is_given();
        let (expr, input) = self.select.expression(optional, &self.input.files)?;
        if self.select.explain {
            return self.explain(expr);
        }
        self.input.files.splice(0..0, input);
        let inputs = self.inputs()?;
        if let Some(path) = &self.rules.rules {
            let routing = rules::Routing {
                path,
                flags: &self.rules,
                selection: expr,
                invert: self.select.invert,
                exit_status: self.exit_status,
                input: &self.input,
            };
            return routing.run(shutdown);
        }
        if let Some(wanted) = self.shard.shard {
            return self.sharding(wanted, expr, inputs).run(shutdown);
        }
        let cleaning = self.clean.read()?;
        let program = self.jq.treatment()?;
        let mut reader = Reader::default();
        let filter = expr.compile(&mut reader);
        let sieve = expr.sieve();
        if self.max_count == Some(0) {
            // That much is selected already: no input needs to be waited for.
            shutdown.ask();
        }
        let whole = self.gather.whole.whole_tree;
        let requests = whole.then(|| Requests::ask(&mut reader));
        let first_pass = if let Some(requests) = &requests {
            let memory = self.gather.memory();
            let wanted = Wanted {
                reader: &reader,
                filter: &filter,
                requests,
                sieve: sieve.as_ref(),
            };
            first_pass(Self::NAME, &self.input, memory, wanted, &shutdown)?
        } else {
            None
        };
        let mut feed = self.feed(inputs, shutdown)?;
        let mut trees = None;
        if let Some(pass) = first_pass {
            feed = feed.within(pass.extents).after(&pass.failures);
            trees = Some(pass.trees);
        }
        let flags = Flags {
            invert: self.select.invert,
            count: self.count,
            max_count: self.max_count,
            known_trees: trees.is_some(),
        };
        let (gather, key) = self.gather.gather(flags, &mut reader).unzip();
        let missing = expr.fields_without("tree").next();
        let trees_met = AtomicBool::new(false);
        let torn = Torn::default();
        let selection = Selection {
            trees_met: missing.is_some().then_some(&trees_met),
            everything: expr.constant() == Some(true) && !self.select.invert,
            reader: &reader,
            filter: &filter,
            // A window of whole trees has to know what matches.
            invert: self.select.invert && !(whole && key.is_some()),
            sieve: sieve.as_ref().filter(|_| !self.select.invert),
            trees: trees.as_ref().zip(requests.as_ref()),
            torn: &torn,
            key: key.as_ref(),
            limit: self.limit(),
            treatments: [cleaning.sampling(), program, cleaning.redaction()]
                .into_iter()
                .flatten()
                .collect(),
        };
        let (run, selected) = if let Some(question) = self.question.question()? {
            presence::run(&selection, question, feed.with_tick(Some(TICK)))?
        } else {
            let waits = cleaning.waits().then_some(IDLE);
            let feed = feed.with_tick(self.gather.whole.tick().or(waits));
            // With context it is the matches that are counted off, and not what is written.
            let limit = self.max_count.filter(|_| whole || key.is_none());
            let end = End::new(Stdout::open()?, limit, self.count);
            let plan = Plan {
                selection,
                gather,
                stages: cleaning.stages(),
            };
            plan.run(feed, end)?
        };
        torn.tell();
        let is_asked = trees_met.load(Ordering::Relaxed);
        Ok(self.outcome(run, selected, missing.filter(|_| is_asked)))
    }
}

impl FilterArgs {
    /// The run that parts records.
    fn sharding(&self, wanted: Part, selection: Expr, inputs: Vec<Endpoint>) -> Sharding<'_> {
        Sharding {
            wanted,
            flags: &self.shard,
            selection,
            invert: self.select.invert,
            inputs,
            input: &self.input,
        }
    }

    /// How many records are wanted.
    fn limit(&self) -> Option<u64> {
        let one = self.question.is_asked().then_some(1);
        one.or(self.max_count)
    }

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

    fn feed(&self, inputs: Vec<Endpoint>, shutdown: Shutdown) -> Result<Feed> {
        // A reader of standard output matters only if something goes there.
        let output = if self.question.quiet {
            Endpoint::File("/dev/null".into())
        } else {
            Endpoint::Standard
        };
        let lines = &self.input.lines;
        Feed::over(
            Self::NAME,
            inputs,
            lines,
            Foreign::Drop,
            shutdown,
            &[output],
        )
    }

    fn explain(&self, expr: Expr) -> Result<Outcome> {
        if self.rules.rules.is_some() {
            say(
                Self::NAME,
                "this is EXPR alone: use --check to see how the rules were understood",
            );
        }
        let expr = if self.select.invert { !expr } else { expr };
        let text = explain::explanation(&expr, self.select.clock().zone);
        Stdout::open()?.write(text.as_bytes())?;
        Ok(Outcome::Done)
    }

    /// What came of it; `missing` is a field that was asked for and that trees, which were there,
    /// have not.
    fn outcome(&self, run: Run, selected: u64, missing: Option<Canonical>) -> Outcome {
        let outcome = run.finish();
        let quiet = self.question.quiet;
        if selected > 0 {
            return if quiet { Outcome::Done } else { outcome };
        }
        let of_trees = missing.map(|field| {
            format!(
                "nothing selected; a tree has no {}: dl-tree --select asks its scopes and records",
                field.name()
            )
        });
        if !quiet && let Some(advice) = of_trees.or_else(|| self.select.advice()) {
            say(Self::NAME, &advice);
        }
        if (quiet || self.exit_status) && outcome == Outcome::Done {
            Outcome::NothingSelected
        } else {
            outcome
        }
    }
}
