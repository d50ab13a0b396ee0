//! The first of two passes over files: which trees match?
//!
//! It finds ids and says nothing of lines: they are counted, and kept if they are rejected,
//! in the second pass.

use std::ops::ControlFlow;

use super::pace::Pace;
use crate::{
    cli::{
        common::{Foreign, InputArgs, LineArgs},
        failures::Failures,
        feed::{Batch, Feed, Screen},
    },
    error::{Error, Result},
    expr::{Filter, Sieve},
    pump::{Event, Flow},
    record::{Found, Index, Line, Reader},
    shutdown::Shutdown,
    source::{Chunk, Extent},
    tree::{Ids, Known, Requests},
};

/// What the first pass over files has found.
pub(super) struct FirstPass {
    /// The trees in which a record matches.
    pub(super) trees: Ids,
    pub(super) extents: Vec<Extent>,
    pub(super) failures: Failures,
}

/// What is looked for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'w> {
    pub(super) reader: &'w Reader,
    pub(super) filter: &'w Filter,
    pub(super) requests: &'w Requests,
    /// Tells lines that cannot match without a scan of them.
    pub(super) sieve: Option<&'w Sieve>,
}

/// Reads files for the first time. `None` if they can be read only once.
pub(super) fn first_pass(
    program: &'static str,
    input: &InputArgs,
    memory: usize,
    wanted: Wanted<'_>,
    shutdown: &Shutdown,
) -> Result<Option<FirstPass>> {
    let Some(extents) = Extent::all(&input.endpoints()?) else {
        return Ok(None);
    };
    let mut trees = Ids::default();
    if shutdown.is_asked() {
        // Nothing is wanted, so nothing needs to be found.
        let failures = Failures::new(program);
        return Ok(Some(FirstPass {
            trees,
            extents,
            failures,
        }));
    }
    let once = InputArgs {
        files: input.files.clone(),
        lines: LineArgs {
            rejects: None,
            stats: false,
            foreign: None,
            ..input.lines.clone()
        },
    };
    let feed = Feed::new(program, &once, Foreign::Drop, shutdown.clone())?.within(extents.clone());
    let worker = |_: Screen| {
        let mut search = Search::new(wanted);
        move |chunk: &mut Chunk, batch: &mut Batch<Matched>| {
            batch.data.clear();
            search.chunk(chunk.bytes(), &mut batch.data);
        }
    };
    let run = feed.run(worker, |event, _| {
        if let Event::Done(_, data) = event {
            for id in data.ids() {
                trees.insert(id);
            }
            if trees.memory() > memory {
                let what = "the ids of the trees that match".into();
                return Err(Error::Memory { what });
            }
        }
        Ok(Flow::Continue)
    })?;
    if shutdown.is_asked() {
        let words = "asked to end in the first of two passes: nothing is written";
        return Err(Error::Failed(words.into()));
    }
    Ok(Some(FirstPass {
        trees,
        extents,
        failures: run.failures,
    }))
}

/// Looks for records that match; one for each worker.
struct Search<'w> {
    wanted: Wanted<'w>,
    /// A regex has a cache of its own, which workers should not fight for.
    filter: Filter,
    found: Found,
    known: Known,
    index: Index,
    pace: Pace,
}

impl<'w> Search<'w> {
    fn new(wanted: Wanted<'w>) -> Self {
        Self {
            wanted,
            filter: wanted.filter.clone(),
            found: Found::default(),
            known: Known::default(),
            index: Index::default(),
            pace: Pace::default(),
        }
    }

    fn chunk(&mut self, bytes: &[u8], matched: &mut Matched) {
        if let Some(sieve) = self.wanted.sieve.filter(|_| self.pace.sieves()) {
            let mut survivors = 0;
            for (_, line) in sieve.chunk(bytes) {
                survivors += 1;
                self.line(line.into(), matched);
            }
            let lines = memchr::memchr_iter(b'\n', bytes).count() as u64;
            self.pace.passed(survivors, lines);
        } else {
            let mut index = std::mem::take(&mut self.index);
            let _: ControlFlow<()> = index.each(bytes, |line| {
                self.line(line, matched);
                ControlFlow::Continue(())
            });
            self.index = index;
        }
    }

    /// A line that is no record has no tree, even if `--foreign wrap` makes it one.
    fn line(&mut self, line: Line<'_>, matched: &mut Matched) {
        if let Ok(record) = self.wanted.reader.read(line, &mut self.found)
            && self.filter.matches(&record)
        {
            let requests = self.wanted.requests;
            let request = requests.of(&record, &mut self.known);
            matched.add(request.as_deref());
            let twin = requests.twin(&record, &mut self.known);
            matched.add(twin.as_deref());
        }
    }
}

/// The trees of the records of a chunk that match.
#[derive(Debug, Default)]
struct Matched {
    ids: String,
    ends: Vec<usize>,
}

impl Matched {
    fn clear(&mut self) {
        self.ids.clear();
        self.ends.clear();
    }

    fn add(&mut self, id: Option<&str>) {
        if let Some(id) = id {
            self.ids.push_str(id);
            self.ends.push(self.ids.len());
        }
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |&end| &self.ids[std::mem::replace(&mut start, end)..end])
    }
}
