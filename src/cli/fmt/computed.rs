//! What dl-fmt computes of groups of records.

use std::{
    borrow::Cow,
    io::{self, IsTerminal},
    num::NonZero,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use clap::Args;

use crate::{
    aggregate::{Counter, Groups, Order, Plan, Rows},
    cli::{
        Outcome,
        common::parse_duration,
        feed::{Batch, Feed, Screen, each_bare_line},
    },
    error::{Error, Result},
    expr::Misnamed,
    pump::{Event, Flow, lock},
    render::{Format, Style, aggregates},
    sink::{Sink, Stdout},
    source::Chunk,
};

/// How groups of records are computed.
#[derive(Args, Clone, Debug)]
pub(super) struct ComputedArgs {
    /// Group records by these fields, and show a row for each group
    ///
    /// Names as in expressions, with commas between them: logger,level or .http.status.
    #[arg(long, value_name = "FIELDS")]
    by: Option<String>,

    /// What to compute of each group [default: count]
    ///
    /// A list of count, share, rate, spark, first, last, sum(F), avg(F), min(F), max(F) and p50(F)
    /// to p99.9(F). Without --by all records are one group.
    #[arg(long, value_name = "LIST")]
    agg: Option<String>,

    /// The column to sort rows by [default: the first that is computed]
    ///
    /// With :asc or :desc behind it. Without, numbers come from the largest on, names from A.
    #[arg(long, value_name = "COLUMN", hide_short_help = true)]
    sort: Option<String>,

    /// The most rows to show
    #[arg(long, value_name = "N", hide_short_help = true)]
    top: Option<NonZero<usize>>,

    /// Show what there is so far every so often
    ///
    /// A table on a terminal is drawn over the one before. Elsewhere each comes behind the other.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, hide_short_help = true)]
    every: Option<Duration>,
}

/// What to compute, and what to show of it.
pub(super) struct Computed {
    plan: Arc<Plan>,
    order: Order,
    every: Option<Duration>,
}

impl ComputedArgs {
    /// What to compute, if anything.
    pub(super) fn plan(&self) -> Result<Option<Computed>> {
        if self.by.is_none() && self.agg.is_none() {
            let flags = [
                ("--sort", self.sort.is_some()),
                ("--top", self.top.is_some()),
                ("--every", self.every.is_some()),
            ];
            if let Some((flag, _)) = flags.iter().find(|(_, given)| *given) {
                return Err(Error::Misused {
                    reason: format!("{flag} is about what is computed, and nothing is"),
                    hint: "add --by FIELDS or --agg LIST",
                });
            }
            return Ok(None);
        }
        let wrong = |flag: &str| {
            let flag = flag.to_owned();
            move |wrong: Misnamed| Error::Usage(format!("{flag}: {wrong}; {}", wrong.hint))
        };
        let by = self.by.as_deref().unwrap_or_default();
        Plan::parse(by, "count").map_err(wrong("--by"))?;
        let list = self.agg.as_deref().unwrap_or("count");
        let plan = Plan::parse(by, list).map_err(wrong("--agg"))?;
        let top = self.top.map(NonZero::get);
        let order = Order::parse(self.sort.as_deref(), top, &plan).map_err(wrong("--sort"))?;
        if self.every.is_some_and(|every| every.is_zero()) {
            return Err(Error::Usage("--every: expected more than 0".into()));
        }
        Ok(Some(Computed {
            plan: Arc::new(plan),
            order,
            every: self.every,
        }))
    }
}

/// Reads all records and shows what was computed.
pub(super) fn run(
    feed: Feed,
    computed: &Computed,
    format: Format,
    style: &Style,
) -> Result<Outcome> {
    let Computed { plan, order, every } = computed;
    // Each worker has groups of its own, which are added up when they are shown.
    let counters: Mutex<Vec<Arc<Mutex<Counter>>>> = Mutex::default();
    let worker = |screen: Screen| {
        let counter = Arc::new(Mutex::new(Counter::new(Arc::clone(plan))));
        lock(&counters).push(Arc::clone(&counter));
        let screen = screen.wrapping();
        move |chunk: &mut Chunk, batch: &mut Batch<()>| {
            let mut counter = lock(&counter);
            let tally = &mut batch.tally;
            // Few values are looked at, so that an index would cost more than it saves.
            each_bare_line(chunk.bytes(), tally, |line, tally| {
                let taken = counter.take(line);
                let kept = screen.keep(line.bytes(), taken, tally);
                if let Some(Cow::Owned(wrapped)) = &kept {
                    // What was wrapped is a record.
                    let _ = counter.take(&**wrapped);
                }
                tally.written += u64::from(kept.is_some());
            });
        }
    };
    let mut stdout = Stdout::open()?;
    let mut screen = Shown {
        format,
        style,
        again: every.is_some() && format == Format::Table && io::stdout().is_terminal(),
        lines: 0,
        begun: false,
    };
    let mut groups = Groups::default();
    let mut show = |screen: &mut Shown<'_>| -> Result<()> {
        for counter in &*lock(&counters) {
            groups.merge(&std::mem::take(&mut lock(counter).groups), plan);
        }
        stdout.write(&screen.show(&Rows::new(&groups, plan, *order)))
    };
    let mut shown = Instant::now();
    let feed = match every {
        Some(every) => feed.with_tick(Some(*every)),
        None => feed,
    };
    let run = feed.run(worker, |event, _| {
        if every.is_some_and(|every| shown.elapsed() >= every) || matches!(event, Event::Idle) {
            shown = Instant::now();
            show(&mut screen)?;
        }
        Ok(Flow::Continue)
    })?;
    show(&mut screen)?;
    Ok(run.finish())
}

/// How rows are shown, each time.
struct Shown<'s> {
    format: Format,
    style: &'s Style,
    /// True if a table is drawn over the one before.
    again: bool,
    /// The lines of the one before.
    lines: usize,
    begun: bool,
}

impl Shown<'_> {
    fn show(&mut self, rows: &Rows) -> Vec<u8> {
        let mut out = Vec::new();
        if self.again && self.lines > 0 {
            // Up to its first line, and everything below is cleared.
            out.extend_from_slice(format!("\x1b[{}A\x1b[J", self.lines).as_bytes());
        } else if self.begun && self.format != Format::Json {
            // What comes behind another one begins with an empty line.
            out.push(b'\n');
        }
        let before = out.len();
        aggregates(rows, self.format, self.style, &mut out);
        self.lines = memchr::memchr_iter(b'\n', &out[before..]).count();
        self.begun = true;
        out
    }
}
