//! Following: files that are read as they grow, over rotation, and from where an earlier run stopped.
//!
//! A file is known by its device, its number and its first bytes. If its name goes to another
//! file it is read to its end and watched for a while, because its writer may still have it
//! open; if it is emptied, what was not read yet is looked for in a copy. Names that are nobody's
//! are waited for.

mod head;
mod opened;
mod positions;
mod search;
mod shared;
mod tail;
mod watch;

use std::{
    collections::{BTreeSet, VecDeque},
    fs::{self, Metadata},
    io,
    os::fd::AsFd,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

pub use self::positions::Positions;
use self::{
    opened::Identity,
    search::folder,
    shared::Shared,
    tail::Tail,
    watch::{Change, Watch},
};
use super::{
    chunk::Chunk,
    reader::{Fill, Reader},
    wait::Ready,
};
use crate::error::{Error, Result};

/// Files that are followed.
pub struct Follow {
    tails: Vec<Tail>,
    places: Vec<Arc<str>>,
    /// Those that may have something, in the order in which they are asked.
    waiting: VecDeque<usize>,
    shared: Shared,
    looked: Instant,
    /// True if what is unfinished at the end is left for the next run.
    resumes: bool,
}

/// The files that we write.
#[derive(Debug, Default)]
pub struct Ours {
    /// One that is open already.
    pub open: Option<Metadata>,
    /// Names of others, which may be those of another file each time that one is looked for.
    pub paths: Vec<PathBuf>,
}

impl Ours {
    fn identities(&self) -> Vec<Identity> {
        let named = self.paths.iter().flat_map(fs::metadata);
        let all = self.open.iter().cloned().chain(named);
        all.map(|found| Identity::of(&found)).collect()
    }
}

impl Follow {
    /// Follows these files. They are read from the start, or from their ends if `at_end`, but
    /// where the state of an earlier run says how far they have been read. What we `write` is never
    /// taken for a rotated file.
    pub fn new(
        paths: Vec<PathBuf>,
        at_end: bool,
        state: Option<&Path>,
        write: Ours,
    ) -> Result<Self> {
        let known = match state {
            None => Vec::new(),
            Some(path) => Positions::load(path).map_err(|source| Error::File {
                path: path.to_owned(),
                source,
            })?,
        };
        let mut seen = BTreeSet::new();
        let paths = paths.into_iter().filter(|path| seen.insert(path.clone()));
        let mut tails: Vec<_> = paths
            .enumerate()
            .map(|(number, path)| Tail::new(path, number, at_end))
            .collect();
        let watch = Watch::new();
        for folder in tails
            .iter()
            .map(|tail| folder(tail.path()))
            .collect::<BTreeSet<_>>()
        {
            watch.folder(folder);
        }
        let mut shared = Shared {
            positions: Positions::default(),
            watch,
            max_record: usize::MAX,
            last: 0,
            youngest: 0,
            ours: write,
            words: Vec::new(),
        };
        for position in &known {
            if let Some(tail) = tails.iter_mut().find(|tail| tail.path() == position.path) {
                tail.resume(position, &mut shared)
                    .map_err(|source| Error::File {
                        path: position.path.clone(),
                        source,
                    })?;
            } else {
                // It is not followed this time; its position is kept for the next.
                let number = shared.number();
                shared.positions.open(number, position.clone());
            }
        }
        for tail in &mut tails {
            tail.resumed(&mut shared);
        }
        // So that a file is known from the start, under whatever name it will be later.
        for tail in &mut tails {
            tail.open_first(&mut shared);
        }
        Ok(Self {
            places: tails
                .iter()
                .map(|tail| Arc::from(tail.path().display().to_string()))
                .collect(),
            waiting: (0..tails.len()).collect(),
            tails,
            shared,
            looked: Instant::now(),
            resumes: state.is_some(),
        })
    }

    /// How far the records of the files have been delivered, which is for the caller to tell.
    pub fn positions(&self) -> Positions {
        self.shared.positions.clone()
    }

    /// The paths at which no file is yet.
    pub fn awaited(&self) -> impl Iterator<Item = &Path> {
        let awaited = self.tails.iter().filter(|tail| tail.is_awaited());
        awaited.map(Tail::path)
    }

    /// Fills a chunk with what is there; false if nothing is.
    fn fill(&mut self, chunk: &mut Chunk, mut fail: impl FnMut(Error)) -> bool {
        while let Some(number) = self.waiting.pop_front() {
            let tail = &mut self.tails[number];
            let filled = match tail.fill(chunk, &mut self.shared) {
                Ok(filled) => filled,
                Err(source) => {
                    if tail.complains() {
                        let path = tail.path().to_owned();
                        self.shared.words.push((path, source));
                    }
                    false
                }
            };
            for (path, source) in self.shared.words.drain(..) {
                fail(Error::File { path, source });
            }
            if filled {
                // The others come first.
                self.waiting.push_back(number);
                self.label(chunk, number);
                return true;
            }
        }
        false
    }

    fn label(&self, chunk: &mut Chunk, number: usize) {
        chunk.origin = None;
        chunk.first = false;
        chunk.place = Arc::clone(&self.places[number]);
        chunk.input = number as u64 + 1;
    }

    fn look_at(&mut self, change: &Change) {
        match *change {
            Change::File(number) if !self.waiting.contains(&number) => {
                self.waiting.push_back(number);
            }
            Change::File(_) => {}
            Change::Anything => self.look_at_all(),
        }
    }

    fn look_at_all(&mut self) {
        self.looked = Instant::now();
        self.waiting = (0..self.tails.len()).collect();
    }

    fn until_look(&self) -> Duration {
        self.shared
            .watch
            .interval()
            .saturating_sub(self.looked.elapsed())
    }
}

impl Reader {
    /// Fills a chunk with lines of followed files, waiting for them if need be.
    pub(super) fn fill_following(&mut self, chunk: &mut Chunk) -> Result<Fill> {
        let Some(follow) = &mut self.follow else {
            return Ok(Fill::End);
        };
        follow.shared.max_record = self.max_record;
        loop {
            if self.wait.shutdown().is_asked() {
                return Ok(end(follow, chunk));
            }
            if follow.fill(chunk, &mut self.on_failure) {
                return Ok(Fill::Lines);
            }
            let left = self.tick.left();
            if left == Some(Duration::ZERO) {
                self.tick.came();
                return Ok(Fill::Idle);
            }
            let look = follow.until_look();
            let timeout = left.map_or(look, |left| left.min(look));
            // Without anything that tells there is only the end to wait for.
            let shutdown = self.wait.shutdown().clone();
            let fd = follow.shared.watch.fd().unwrap_or(shutdown.as_fd());
            match self.wait.wait(fd, Some(timeout)).map_err(broken)? {
                Ready::Input => {
                    for change in follow.shared.watch.changes() {
                        follow.look_at(&change);
                    }
                }
                Ready::Timeout if follow.until_look().is_zero() => follow.look_at_all(),
                Ready::ReaderLeft => return Err(Error::ReaderLeft),
                Ready::Timeout | Ready::Shutdown => {}
            }
        }
    }
}

/// At the end, unfinished lines, unless they are left for the next run.
fn end(follow: &mut Follow, chunk: &mut Chunk) -> Fill {
    for number in 0..follow.tails.len() {
        let tail = &mut follow.tails[number];
        let some = if follow.resumes {
            tail.fill_from_deleted(chunk, &mut follow.shared)
        } else {
            tail.fill_with_rest(chunk, follow.shared.max_record)
        };
        if some {
            follow.label(chunk, number);
            // What was deleted had its end; what else is left may still be written on.
            chunk.unfinished = !follow.resumes;
            return Fill::Lines;
        }
    }
    chunk.end = 0;
    Fill::End
}

fn broken(source: io::Error) -> Error {
    Error::Read {
        place: "the files that are followed".into(),
        source,
    }
}
