//! The first of two passes over files: which trees match?
//!
//! It finds ids and says nothing of lines: they are counted, and kept if they are rejected,
//! in the second pass.

use crate::{
    cli::{
        common::{Foreign, InputArgs, LineArgs},
        failures::Failures,
        feed::{Batch, Feed, Screen, each_line},
        ledger::plural,
    },
    error::{Error, Result},
    expr::Filter,
    pump::{Event, Flow},
    record::{Found, Reader},
    shutdown::Shutdown,
    source::{Chunk, Extent},
    tree::{self, Ids},
};

/// What the first pass over files has found.
pub(super) struct FirstPass {
    /// The trees in which a record matches.
    pub(super) trees: Ids,
    pub(super) extents: Vec<Extent>,
    pub(super) failures: Failures,
}

/// Reads files for the first time. `None` if they can be read only once.
pub(super) fn first_pass(
    program: &'static str,
    input: &InputArgs,
    memory: usize,
    reader: &Reader,
    filter: &Filter,
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
        let filter = filter.clone();
        let mut found = Found::default();
        move |chunk: &mut Chunk, batch: &mut Batch<Matched>| {
            let Batch { tally, data } = batch;
            data.clear();
            each_line(chunk.bytes(), tally, |line, _| {
                // A line that is no record has no tree, even if it is made one.
                if let Ok(record) = reader.read(line, &mut found)
                    && filter.matches(&record)
                {
                    data.add(tree::request(&record).as_deref());
                }
            });
        }
    };
    let run = feed.run(worker, |event, _| {
        if let Event::Done(_, data) = event {
            for id in data.ids() {
                trees.insert(id);
            }
            if trees.memory() > memory {
                return Err(too_many(&trees));
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

fn too_many(trees: &Ids) -> Error {
    Error::Memory {
        what: format!("the ids of {}", plural(trees.len() as u64, "tree")),
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
