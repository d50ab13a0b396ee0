//! dl-filter: select records and trees.

use std::path::Path;

use clap::Parser;

use super::{
    Outcome, Program,
    common::{Foreign, InputArgs, now},
    feed::{Batch, Feed, Screen, Stray, each_line},
    ledger::Tally,
};
use crate::{
    error::{Error, Result},
    expr::{Expr, ExprError, Filter},
    pump::{Event, Flow},
    record::{Found, Malformed, Reader},
    shutdown::Shutdown,
    sink::{Sink, Stdout},
    source::Chunk,
};

/// Select records and trees, and pass them on byte for byte
#[derive(Debug, Parser)]
#[command(name = "dl-filter", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct FilterArgs {
    /// What to select, as dl-expr(7) tells; 'true' selects every record
    ///
    /// It may be left out if --level, --since or --until is there: a first argument that is
    /// - or names a file is then an input.
    #[arg(value_name = "EXPR", required_unless_present_any = ["level", "since", "until"])]
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
    #[arg(short, long)]
    exit_status: bool,

    #[command(flatten)]
    input: InputArgs,
}

const EXAMPLES: &str = "Examples:
  dl-filter 'level >= warning' app.ndjson
  dl-filter 'logger startswith \"shop.\" and .http.status >= 500' *.ndjson
  dl-filter --since now-1h 'message ~ \"time.?out\"' app.ndjson.zst
  dl-tree *.ndjson | dl-filter 'status == failed or duration > 2s' | dl-fmt";

/// What a worker selected of a chunk.
#[derive(Debug, Default)]
struct Selected {
    lines: Vec<u8>,
}

impl Program for FilterArgs {
    const NAME: &'static str = "dl-filter";

    fn run(mut self, shutdown: Shutdown) -> Result<Outcome> {
        let (expr, files) = self.expression()?;
        self.input.files.splice(0..0, files);
        let mut reader = Reader::default();
        let filter = expr.compile(&mut reader);
        if self.max_count == Some(0) {
            // That much is selected already: no input needs to be waited for.
            shutdown.ask();
        }
        let feed = Feed::new(Self::NAME, &self.input, Foreign::Drop, shutdown)?;
        let mut stdout = Stdout::open()?;
        let reader = &reader;
        let worker = |screen| {
            let mut select = Select {
                reader,
                // A regex has a cache of its own, which workers should not fight for.
                filter: filter.clone(),
                invert: self.invert,
                screen,
                found: Found::default(),
            };
            move |chunk: &mut Chunk, batch: &mut Batch<Selected>| select.chunk(chunk, batch)
        };
        let mut left = self.max_count;
        let mut selected = 0;
        let run = feed.run(worker, |event, ledger| {
            let Event::Done(_, data) = event else {
                return Ok(Flow::Continue);
            };
            let lines = first_lines(&data.lines, &mut left);
            let newlines = |bytes| memchr::memchr_iter(b'\n', bytes).count() as u64;
            selected += newlines(lines);
            ledger.withhold(newlines(&data.lines[lines.len()..]));
            if !self.count && !lines.is_empty() {
                stdout.write(lines)?;
            }
            Ok(if left == Some(0) {
                Flow::Stop
            } else {
                Flow::Continue
            })
        })?;
        if self.count {
            stdout.write(format!("{selected}\n").as_bytes())?;
        }
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
        let shorthand = self.level.is_some() || self.since.is_some() || self.until.is_some();
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

/// What a worker needs to select.
struct Select<'s> {
    reader: &'s Reader,
    filter: Filter,
    invert: bool,
    screen: Screen,
    found: Found,
}

impl Select<'_> {
    fn chunk(&mut self, chunk: &Chunk, batch: &mut Batch<Selected>) {
        let Batch { tally, data } = batch;
        data.lines.clear();
        each_line(chunk.bytes(), tally, |line, tally| {
            if let Err(bad) = self.line(line, &mut data.lines, tally) {
                match self.screen.stray(line, bad, tally) {
                    Stray::Gone => {}
                    Stray::Pass => tally.write(line, &mut data.lines),
                    Stray::Wrapped(record) => drop(self.line(&record, &mut data.lines, tally)),
                }
            }
        });
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>, tally: &mut Tally) -> Result<(), Malformed> {
        let record = self.reader.read(line, &mut self.found)?;
        if self.filter.matches(&record) == self.invert {
            tally.filtered += 1;
        } else {
            tally.write(line, out);
        }
        Ok(())
    }
}

/// The first `left` lines, which are counted off.
fn first_lines<'l>(lines: &'l [u8], left: &mut Option<u64>) -> &'l [u8] {
    let Some(left) = left else { return lines };
    let mut end = 0;
    for newline in memchr::memchr_iter(b'\n', lines) {
        if *left == 0 {
            break;
        }
        *left -= 1;
        end = newline + 1;
    }
    &lines[..end]
}

fn usage(flag: &str, error: &ExprError) -> Error {
    Error::Usage(format!("{flag}{error}"))
}
