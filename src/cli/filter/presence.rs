//! Questions that one selected record answers: is there any, and in which inputs.
//!
//! Nothing of an input is read after its answer is known, and nothing at all once the whole
//! answer is. What only decides in which form records are written plays no part here.

use clap::Args;

use super::{
    plan::Selection,
    select::{PickKind, Select, Selected},
};
use crate::{
    cli::feed::{Batch, Feed, Run, Screen},
    error::Result,
    pump::{Event, Flow},
    sink::{Sink, Stdout},
    source::Chunk,
};

/// The flags that ask.
#[derive(Args, Debug)]
pub(super) struct QuestionArgs {
    /// Write nothing; exit with 0 if a record is selected, else with 1
    ///
    /// Nothing is read after the first selected record. The status is 0 then even if an input
    /// failed before.
    #[arg(short, long)]
    pub(super) quiet: bool,

    /// Write only the names of the inputs that have a selected record
    ///
    /// Each is written as soon as it is known, and its input is not read any further.
    #[arg(long, conflicts_with = "count", hide_short_help = true)]
    files_with_matches: bool,
}

impl QuestionArgs {
    /// True if a question is asked.
    pub(super) fn is_asked(&self) -> bool {
        self.quiet || self.files_with_matches
    }

    /// The question, if one is asked.
    pub(super) fn question(&self) -> Result<Option<Question>> {
        Ok(if self.quiet {
            Some(Question::Any)
        } else if self.files_with_matches {
            Some(Question::Inputs(Stdout::open()?))
        } else {
            None
        })
    }
}

/// What is asked.
pub(super) enum Question {
    /// Whether any record is selected.
    Any,
    /// In which inputs one is: their names are written.
    Inputs(Stdout),
}

/// Answers the question. Returns what there is to say at the end, and how many selected
/// records were met on the way.
pub(super) fn run(
    selection: &Selection<'_>,
    mut question: Question,
    feed: Feed,
) -> Result<(Run, u64)> {
    let mut met = 0;
    let mut named = None;
    let pass_over = feed.pass_over();
    let worker = |screen: Screen| {
        let mut select = Select::new(selection, true, screen);
        move |chunk: &mut Chunk, batch: &mut Batch<Selected>| select.chunk(chunk, batch)
    };
    let mut run = feed.run(worker, |event, _| {
        let Event::Done(chunk, data) = event else {
            return Ok(Flow::Continue);
        };
        // Further results of a record are no records.
        let selected = |pick: &&super::select::Pick| pick.kind == PickKind::Selected;
        let here = data.picks.iter().filter(selected).count() as u64;
        met += here;
        if here == 0 {
            return Ok(Flow::Continue);
        }
        let stdout = match &mut question {
            Question::Any => return Ok(Flow::Stop),
            Question::Inputs(stdout) => stdout,
        };
        // Other chunks of the input may have been on their way.
        if named != Some(chunk.input()) {
            named = Some(chunk.input());
            pass_over.input(chunk.input());
            stdout.write(format!("{}\n", chunk.place()).as_bytes())?;
        }
        Ok(Flow::Continue)
    })?;
    run.ledger.add_written(met);
    run.ledger.balance();
    Ok((run, met))
}
