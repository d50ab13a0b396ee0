//! The plan: what is selected and what happens to it, put together from the flags, and how
//! it is run.

use std::sync::atomic::AtomicBool;

use super::{
    end::End,
    gather::{Gather, Keyed},
    key::Key,
    select::{PickKind, Select, Selected},
    stage::{MakeTreat, Next, Stage, Treat, Treated},
    torn::Torn,
};
use crate::{
    cli::feed::{Batch, Feed, Run, Screen, Step},
    error::Result,
    expr::{Filter, Sieve},
    pump::{Event, Flow},
    record::Reader,
    source::Chunk,
    tree::{Ids, Requests},
};

/// What workers need to know: which records are wanted, and what is done to each.
pub(super) struct Selection<'p> {
    pub(super) reader: &'p Reader,
    pub(super) filter: &'p Filter,
    pub(super) invert: bool,
    /// True if it is known beforehand that every record is selected.
    pub(super) everything: bool,
    /// Tells lines that cannot be selected without a scan of them.
    pub(super) sieve: Option<&'p Sieve>,
    /// The trees that match, if it is known: then a record matches if its tree does.
    pub(super) trees: Option<(&'p Ids, &'p Requests)>,
    /// What the records of those name beside them.
    pub(super) torn: &'p Torn,
    /// What is gathered by, if something gathers: then all records are handed on.
    pub(super) key: Option<&'p Key>,
    /// How many selected records are wanted, at most, if nothing takes some of them away later.
    pub(super) limit: Option<u64>,
    /// Where it is noted that there are trees, if the expression asks for what they have not.
    pub(super) trees_met: Option<&'p AtomicBool>,
    /// What is done to each selected record by itself, in this order.
    pub(super) treatments: Vec<MakeTreat<'p>>,
}

impl Selection<'_> {
    /// True if nothing but the expression says what is handed on.
    pub(super) fn is_by_expression(&self) -> bool {
        self.trees.is_none() && self.key.is_none()
    }

    /// The treatments, for one worker.
    pub(super) fn treat(&self) -> Vec<Box<dyn Treat>> {
        self.treatments.iter().map(|make| make()).collect()
    }
}

/// What is to be done with each record.
pub(super) struct Plan<'p> {
    pub(super) selection: Selection<'p>,
    /// What sees all records and so comes before the treatments.
    pub(super) gather: Option<Box<dyn Gather>>,
    /// Stages that come after the treatments.
    pub(super) stages: Vec<Box<dyn Stage>>,
}

impl Plan<'_> {
    /// Runs the feed dry. Returns what there is to say at the end, and how many records
    /// arrived at `end`.
    pub(super) fn run(self, feed: Feed, mut end: End) -> Result<(Run, u64)> {
        end.keep_rejects(feed.keeps_rejects());
        let Self {
            mut selection,
            mut gather,
            mut stages,
        } = self;
        if gather.is_some() && !selection.treatments.is_empty() {
            stages.insert(0, Box::new(Treated::new(selection.treat())));
            selection.treatments.clear();
        }
        // Of several lines that a treatment made of one record, a limit may cut between.
        // And lines that are no records are written beside the records, but not counted off.
        let in_order = gather.is_some()
            || feed.passes_foreign()
            || !stages.is_empty()
            || (end.is_limited() && !selection.treatments.is_empty());
        // What gathers, and a stage, may take away what workers have selected.
        if gather.is_some() || !stages.is_empty() {
            selection.limit = None;
        }
        let worker = |screen: Screen| {
            let mut select = Select::new(&selection, in_order, screen);
            move |chunk: &mut Chunk, batch: &mut Batch<Selected>| select.chunk(chunk, batch)
        };
        let screen = feed.screen();
        let again = |chunk: &Chunk, limit, most| {
            Select::new(&selection, in_order, screen).again(chunk, limit, most)
        };
        let mut run = feed.run_steps(worker, |step, ledger| {
            match step {
                // What stands behind the last record that is wanted is neither read nor rejected.
                Step::Count(chunk, batch) if !in_order => {
                    let wanted = end.wanted_of(&batch.data.lines);
                    if let Some(wanted) = wanted.filter(|_| wanted != selection.limit) {
                        *batch = again(chunk, wanted, usize::MAX);
                    }
                }
                Step::Count(chunk, batch) => {
                    let mut next = chain(&mut stages, &mut end);
                    match take(&batch.data, gather.as_deref_mut(), &mut next)? {
                        None => {}
                        Some(0) => batch.tally.clear(),
                        Some(most) => batch.tally = again(chunk, u64::MAX, most).tally,
                    }
                }
                Step::Deliver(Event::Done(chunk, data)) if !in_order => match data.whole {
                    Some(lines) => end.take_all(chunk, lines)?,
                    None => end.take(&data.lines, ledger)?,
                },
                Step::Deliver(Event::Done(..)) => end.flush(ledger)?,
                Step::Deliver(Event::Idle) => {
                    if let Some(gather) = &mut gather {
                        gather.time(&mut chain(&mut stages, &mut end))?;
                    }
                    for at in 0..stages.len() {
                        let (stage, rest) = stages[at..].split_first_mut().expect("in range");
                        stage.idle(&mut chain(rest, &mut end))?;
                    }
                    end.flush(ledger)?;
                }
            }
            let full = gather.as_ref().is_some_and(|gather| gather.is_full());
            Ok(if full || end.is_full() {
                Flow::Stop
            } else {
                Flow::Continue
            })
        })?;
        if let Some(gather) = &mut gather {
            gather.finish(&mut chain(&mut stages, &mut end))?;
        }
        for at in 0..stages.len() {
            let (stage, rest) = stages[at..].split_first_mut().expect("in range");
            stage.finish(&mut chain(rest, &mut end))?;
        }
        if in_order {
            end.flush(&mut run.ledger)?;
            run.ledger.balance();
        }
        Ok((run, end.finish()?))
    }
}

/// Hands on what was picked of a chunk; if enough has come, how many of them were needed for that.
fn take(
    data: &Selected,
    mut gather: Option<&mut (dyn Gather + 'static)>,
    next: &mut Chain<'_>,
) -> Result<Option<usize>> {
    if let Some(gather) = &mut gather {
        gather.time(next)?;
    }
    let mut taken = 0;
    for (line, [key, twin], kind) in data.picked() {
        if next.end.is_full() || gather.as_ref().is_some_and(|gather| gather.is_full()) {
            break;
        }
        taken += 1;
        match &mut gather {
            Some(gather) if kind != PickKind::Foreign => {
                let selected = kind == PickKind::Selected;
                gather.record(
                    Keyed {
                        line,
                        selected,
                        key,
                        twin,
                    },
                    next,
                )?;
            }
            _ => next.take(line, kind)?,
        }
    }
    let is_full = next.end.is_full() || gather.is_some_and(|gather| gather.is_full());
    Ok(is_full.then_some(taken))
}

/// The stages that are left for a record, and the end.
struct Chain<'c> {
    stages: &'c mut [Box<dyn Stage>],
    end: &'c mut End,
}

fn chain<'c>(stages: &'c mut [Box<dyn Stage>], end: &'c mut End) -> Chain<'c> {
    Chain { stages, end }
}

impl Chain<'_> {
    fn take(&mut self, line: &[u8], kind: PickKind) -> Result<()> {
        match self.stages.split_first_mut() {
            Some((first, rest)) if kind != PickKind::Foreign => {
                first.record(line, kind != PickKind::Other, &mut chain(rest, self.end))
            }
            _ if kind == PickKind::More => self.end.more(line),
            _ if kind == PickKind::Foreign => self.end.foreign(line),
            _ => self.end.pass(line),
        }
    }
}

impl Next for Chain<'_> {
    fn pass(&mut self, line: &[u8]) -> Result<()> {
        self.take(line, PickKind::Selected)
    }

    fn more(&mut self, line: &[u8]) -> Result<()> {
        self.take(line, PickKind::More)
    }

    fn add(&mut self, line: &[u8]) -> Result<()> {
        self.end.add(line)
    }

    fn reject(&mut self, line: &[u8], reason: &str) {
        self.end.reject(line, reason);
    }
}
