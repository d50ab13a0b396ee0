//! `dl-fmt --to FORMAT` for the formats of other programs: which they are, and one document of all
//! input.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex},
};

use super::{
    pager::Outlet,
    view::{View, word},
};
use crate::{
    cli::{
        Outcome,
        common::Foreign,
        feed::{Batch, Feed, Screen, each_line},
    },
    error::{Error, Result},
    pump::{Event, Flow, lock},
    record::Index,
    render::{
        Style, Waterfall,
        export::{
            Chrome, Distlog, Dot, Eliot, Export, FactReader, Folded, Gelf, Jaeger, Logfmt, Otlp,
            Speedscope, Took, Zipkin, take,
        },
    },
    source::Chunk,
    tree::{Failures, Tree},
};

/// How an export is to be.
pub(super) struct Look {
    pub(super) style: Style,
    /// How many levels of a tree are shown, if not all.
    pub(super) depth: Option<usize>,
    /// True if only trees with failures are shown, and of those only what failed.
    pub(super) only_failed: bool,
    /// What the user says about foreign lines is about records too where only trees have a place.
    pub(super) foreign: Option<Foreign>,
}

/// Makes an export.
type Make = fn(&Look) -> Box<dyn Export>;

/// A view that is an export, and how it is made.
pub(super) struct Exported(View, Make);

/// The export that a view is, if it is one.
pub(super) fn of(view: View) -> Option<Exported> {
    let make: Make = match view {
        View::Waterfall => |look| Box::new(Waterfall::new(look.style.clone(), look.depth)),
        View::Chrome => |_| Box::new(Chrome::default()),
        View::Otlp => |_| Box::new(Otlp),
        View::Jaeger => |_| Box::new(Jaeger),
        View::Zipkin => |_| Box::new(Zipkin),
        View::Folded => |_| Box::new(Folded),
        View::Speedscope => |_| Box::new(Speedscope::default()),
        View::Dot => |_| Box::new(Dot::default()),
        View::Logfmt => |_| Box::new(Logfmt),
        View::Gelf => |_| Box::new(Gelf),
        View::Eliot => |_| Box::new(Eliot::default()),
        View::Distlog => |_| Box::new(Distlog),
        View::Text | View::Table | View::Csv | View::Tsv | View::Md | View::Json | View::Html => {
            return None;
        }
    };
    Some(Exported(view, make))
}

/// An export that a worker writes with, and that may be asked for the end.
type Shared = Arc<Mutex<Box<dyn Export>>>;

/// What a worker makes of a chunk.
#[derive(Debug, Default)]
struct Made {
    elements: Vec<u8>,
    /// True if there is a record behind them that has no place in the format.
    is_refused: bool,
}

/// Writes a document of all input.
pub(super) fn run(
    feed: Feed,
    Exported(view, make): Exported,
    look: &Look,
    mut outlet: Outlet,
) -> Result<Outcome> {
    let refused = format!("a record, and --to {} shows trees", word(&view));
    let first = make(look);
    let (head, separator) = (first.head(), first.separator());
    let feed = if first.is_ordered() {
        feed.in_order()
    } else {
        feed
    };
    let spared = Mutex::new(Some(first));
    // The one that has written, if order matters, also writes the end.
    let last: Mutex<Option<Shared>> = Mutex::default();
    let drops_records = matches!(look.foreign, Some(Foreign::Drop));
    let refused = refused.as_str();
    let worker = |screen: Screen| {
        let screen = screen.wrapping();
        let spared = lock(&spared).take();
        let export = Arc::new(Mutex::new(spared.unwrap_or_else(|| make(look))));
        lock(&last).get_or_insert_with(|| Arc::clone(&export));
        let mut reader = FactReader::default();
        let mut failures = look.only_failed.then(Failures::default);
        let mut index = Index::default();
        move |chunk: &mut Chunk, batch: &mut Batch<Made>| {
            let mut export = lock(&export);
            let Batch { tally, data } = batch;
            data.elements.clear();
            data.is_refused = false;
            each_line(chunk.bytes(), &mut index, tally, |line, tally| {
                let line = line.bytes();
                let out = &mut data.elements;
                let keep = &mut |tree: &mut Tree<'_>| match &mut failures {
                    Some(failures) => failures.keep(tree),
                    None => true,
                };
                let mut took = Took::Written;
                let taken = take(&mut **export, &mut reader, line, keep, out).map(|it| took = it);
                match screen.keep(line, taken, tally) {
                    None => return,
                    Some(Cow::Borrowed(_)) => {}
                    Some(Cow::Owned(wrapped)) => {
                        if let Ok(it) = take(&mut **export, &mut reader, &wrapped, keep, out) {
                            took = it;
                        }
                    }
                }
                match took {
                    Took::Written => tally.written += 1,
                    Took::LeftOut => tally.filtered += 1,
                    Took::Refused if drops_records => {
                        tally.reject(line, screen.keeps(), &refused);
                    }
                    Took::Refused => {
                        data.is_refused = true;
                        tally.stop = true;
                    }
                }
            });
        }
    };
    let mut has_begun = false;
    let ran = feed.run(worker, |event, ledger| {
        let Event::Done(chunk, done) = event else {
            return Ok(Flow::Continue);
        };
        if !done.elements.is_empty() {
            let mut elements = done.elements.as_slice();
            if !std::mem::replace(&mut has_begun, true) {
                outlet.write(head.as_bytes())?;
                elements = &elements[separator.len()..];
            }
            outlet.write(elements)?;
        }
        if done.is_refused {
            // Nothing was read behind it, so its number is that of the last line.
            return Err(Error::Misused {
                reason: format!("{}: {refused}", ledger.place(chunk, 0)),
                hint: "use dl-tree first, without --summary, or --foreign drop to leave records out",
            });
        }
        Ok(Flow::Continue)
    });
    let has_reader = !matches!(ran, Err(Error::ReaderLeft));
    let mut ended = Ok(());
    if has_reader && (has_begun || ran.is_ok()) {
        // Also what could not be finished is a document.
        let mut tail = Vec::new();
        if !has_begun {
            tail.extend_from_slice(head.as_bytes());
        }
        let last = lock(&last).take();
        if let Some(last) = last {
            lock(&last).tail(&mut tail);
        }
        ended = outlet.write(&tail);
    }
    let closed = outlet.close();
    let run = ran?;
    ended?;
    closed?;
    Ok(run.finish())
}
