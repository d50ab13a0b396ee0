//! One followed path: the file that has the name, and those that had it.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use super::{
    Ours,
    head::Head,
    opened::{Identity, Opened, State},
    positions::{Position, Positions},
    search::{moved, successors},
    watch::Watch,
};
use crate::source::chunk::Chunk;

/// How long a file is still read after its name has been taken away and nothing more has come:
/// its writer keeps it open until it is told of the rotation.
const GRACE: Duration = Duration::from_secs(10);
/// How many such files there are of one path.
const OLD: usize = 8;
/// How many that are read no more are remembered.
const GONE: usize = 64;

/// A followed path.
#[derive(Debug)]
pub(super) struct Tail {
    path: PathBuf,
    /// Its number among the paths.
    number: usize,
    current: Option<Opened>,
    old: VecDeque<Opened>,
    /// A file that had the name, and of which nothing is left.
    lost: Option<Lost>,
    /// The files that are not read on; they are not to be found again.
    gone: VecDeque<Identity>,
    /// True if other files may have had the name since the one that was read last.
    gap: bool,
    /// True to begin at the end of the file that is there at the start.
    at_end: bool,
    /// True once it has been said that the file cannot be read.
    complained: bool,
}

/// A file that was read in an earlier run and is gone. Others may have had its name since.
#[derive(Debug)]
struct Lost {
    /// Its number among the positions.
    number: u64,
    head: Head,
    modified: SystemTime,
}

/// What tails share.
pub(super) struct Shared {
    pub(super) positions: Positions,
    pub(super) watch: Watch,
    pub(super) max_record: usize,
    /// The number of the next file.
    pub(super) next: u64,
    /// The files that we write, which are not to be found.
    pub(super) ours: Ours,
    /// What is to be said.
    pub(super) words: Vec<(PathBuf, io::Error)>,
}

impl Shared {
    fn open(
        &mut self,
        file: File,
        from: (u64, u64),
        path: &Path,
        tail: usize,
    ) -> io::Result<Opened> {
        self.next += 1;
        let mut opened = Opened::new(self.next, file, from, path, &self.positions)?;
        opened.watch = self.watch.file(opened.file(), tail);
        Ok(opened)
    }

    fn close(&mut self, opened: &mut Opened) {
        opened.close(&self.positions);
        if let Some(watch) = opened.watch.take() {
            self.watch.forget(watch);
        }
    }
}

impl Tail {
    pub(super) fn new(path: PathBuf, number: usize, at_end: bool) -> Self {
        Self {
            path,
            number,
            current: None,
            old: VecDeque::new(),
            lost: None,
            gone: VecDeque::new(),
            gap: false,
            at_end,
            complained: false,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// True if it has something to complain of for the first time.
    pub(super) fn complains(&mut self) -> bool {
        !std::mem::replace(&mut self.complained, true)
    }

    /// Goes on where an earlier run has stopped; what it knew is in the order in which the files
    /// had the name.
    pub(super) fn resume(&mut self, known: &Position, shared: &mut Shared) -> io::Result<()> {
        let identity = Identity {
            device: known.device,
            inode: known.inode,
        };
        let from = (known.offset, known.lines);
        // A file that is there and not known has come since.
        self.at_end = false;
        if known.deleted {
            self.lose(known, shared);
            return Ok(());
        }
        if let Ok(file) = File::open(&self.path) {
            let found = file.metadata()?;
            let mut head = known.head;
            if Identity::of(&found) == identity
                && found.len() >= known.offset
                && head.grow(&file)?
            {
                self.current = Some(shared.open(file, from, &self.path, self.number)?);
                return Ok(());
            }
        }
        let open = [self.identities(), shared.ours.identities()].concat();
        if let Some((file, _)) = moved(&self.path, Some(identity), known.head, known.offset, &open)
        {
            let old = shared.open(file, from, &self.path, self.number)?;
            self.old.push_back(old);
        } else {
            let words = format!(
                "the file that was read up to byte {} is gone; what was written behind that is not read",
                known.offset
            );
            shared
                .words
                .push((self.path.clone(), io::Error::other(words)));
            self.lose(known, shared);
        }
        Ok(())
    }

    /// Remembers a file that is gone, in the state too, until the one after it is there.
    fn lose(&mut self, known: &Position, shared: &mut Shared) {
        if let Some(earlier) = self.lost.take() {
            shared.positions.forget(earlier.number);
        }
        shared.next += 1;
        let number = shared.next;
        let position = Position {
            deleted: true,
            ..known.clone()
        };
        shared.positions.open(number, position);
        self.lost = Some(Lost {
            number,
            head: known.head,
            modified: known.modified,
        });
    }

    /// Says that all has been resumed that was known; others may have come since.
    pub(super) fn resumed(&mut self, shared: &mut Shared) {
        if self.current.is_some() {
            self.forget_lost(shared);
        }
        self.gap = self.current.is_none() && (self.lost.is_some() || !self.old.is_empty());
    }

    fn forget_lost(&mut self, shared: &mut Shared) {
        if let Some(lost) = self.lost.take() {
            shared.positions.forget(lost.number);
        }
    }

    /// At the end, an unfinished last line of a file that the next run will not find, because it
    /// has no name; false if there is none.
    pub(super) fn fill_from_deleted(&mut self, chunk: &mut Chunk, shared: &mut Shared) -> bool {
        let mut all = self.old.iter_mut().chain(&mut self.current);
        all.any(|opened| opened.is_deleted(&shared.positions) && opened.fill_with_rest(chunk))
    }

    fn identities(&self) -> Vec<Identity> {
        let all = self.old.iter().chain(&self.current);
        all.map(Opened::identity).collect()
    }

    /// Fills a chunk with lines of the oldest file that has some; false if none has.
    pub(super) fn fill(&mut self, chunk: &mut Chunk, shared: &mut Shared) -> io::Result<bool> {
        loop {
            if self.fill_from_old(chunk, shared)? {
                return Ok(true);
            }
            if self.current.is_none() {
                let gap = self.gap;
                if !self.open_next(shared)? {
                    return Ok(false);
                }
                if gap {
                    continue;
                }
            }
            let Some(current) = &mut self.current else {
                return Ok(false);
            };
            if current.state(&shared.positions)? == State::Other {
                self.begin_anew(shared)?;
                continue;
            }
            if current.fill(chunk, shared.max_record)? {
                return Ok(true);
            }
            match fs::metadata(&self.path) {
                Ok(found) if Identity::of(&found) != current.identity() => {
                    // More may have been written to the old one meanwhile, so it is read first.
                    current.since = Instant::now();
                    self.old.extend(self.current.take());
                    self.gap = true;
                }
                // As long as no other file has the name there is nothing to go on to.
                _ => return Ok(false),
            }
        }
    }

    fn fill_from_old(&mut self, chunk: &mut Chunk, shared: &mut Shared) -> io::Result<bool> {
        let mut at = 0;
        while let Some(old) = self.old.get_mut(at) {
            // One that has been emptied has nothing more for us.
            let over = old.state(&shared.positions)? == State::Other;
            if !over && old.fill(chunk, shared.max_record)? {
                return Ok(true);
            }
            if over || old.since.elapsed() > GRACE || self.old.len() > OLD {
                let Some(mut old) = self.old.remove(at) else {
                    break;
                };
                let some = old.fill_with_rest(chunk);
                shared.close(&mut old);
                if self.gone.len() >= GONE {
                    self.gone.pop_front();
                }
                self.gone.push_back(old.identity());
                if some {
                    return Ok(true);
                }
            } else {
                at += 1;
            }
        }
        Ok(false)
    }

    /// The file has been emptied, mostly after it was copied: what was not read yet is in the copy.
    fn begin_anew(&mut self, shared: &mut Shared) -> io::Result<()> {
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        let _held = shared.positions.hold();
        let mut open = [self.identities(), shared.ours.identities()].concat();
        open.push(current.identity());
        let from = current.done();
        let copy = moved(&self.path, None, current.head(), from.0, &open);
        let file = current.file().try_clone()?;
        let mut current = current;
        shared.close(&mut current);
        // Before others are looked for, because it may have another name by now.
        self.current = Some(shared.open(file, (0, 0), &self.path, self.number)?);
        match copy {
            Some((copy, _)) => {
                let copy = shared.open(copy, from, &self.path, self.number)?;
                self.old.push_back(copy);
                self.open_successors(shared)?;
            }
            // There is none: the unfinished line is all there is.
            None => self.old.push_back(current),
        }
        Ok(())
    }

    /// Opens the files that had the name between the youngest of the old ones and the one that has
    /// it now, of which nothing has been read.
    fn open_successors(&mut self, shared: &mut Shared) -> io::Result<()> {
        let youngest = self.old.back().map(|old| old.file().metadata());
        let youngest = youngest
            .transpose()?
            .and_then(|found| found.modified().ok());
        let lost = self.lost.as_ref();
        let Some(after) = youngest.max(lost.map(|lost| lost.modified)) else {
            return Ok(());
        };
        let mut heads: Vec<_> = self.old.iter().map(Opened::head).collect();
        heads.extend(lost.map(|lost| lost.head));
        let mut known = self.identities();
        known.extend(&self.gone);
        known.extend(shared.ours.identities());
        for file in successors(&self.path, after, &known, &heads) {
            let opened = shared.open(file, (0, 0), &self.path, self.number)?;
            self.old.push_back(opened);
        }
        self.forget_lost(shared);
        Ok(())
    }

    /// Opens the files that are there at the start; what is wrong with them is noticed later.
    pub(super) fn open_first(&mut self, shared: &mut Shared) {
        if self.current.is_none() {
            let _ = self.open_next(shared);
        }
    }

    /// Opens the file that has the name, if there is one, and those that had it before.
    fn open_next(&mut self, shared: &mut Shared) -> io::Result<bool> {
        let _held = shared.positions.hold();
        if !self.open(shared)? {
            return Ok(false);
        }
        // Only when the file that has the name now is held is it certain that those between have
        // other names.
        if std::mem::take(&mut self.gap) {
            self.open_successors(shared)?;
        }
        Ok(true)
    }

    /// Opens the file that has the name, if there is one.
    fn open(&mut self, shared: &mut Shared) -> io::Result<bool> {
        let at_end = std::mem::take(&mut self.at_end);
        let file = match fs::metadata(&self.path) {
            Ok(found) if found.is_file() => File::open(&self.path),
            Ok(_) => Err(io::Error::other("is no file, and only files are followed")),
            Err(error) => Err(error),
        };
        match file {
            Ok(file) => {
                let start = if at_end { file.metadata()?.len() } else { 0 };
                let opened = shared.open(file, (start, 0), &self.path, self.number)?;
                self.current = Some(opened);
                self.complained = false;
                Ok(true)
            }
            // It may come yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => {
                if self.complains() {
                    shared.words.push((self.path.clone(), error));
                }
                Ok(false)
            }
        }
    }

    /// At the end, an unfinished last line; false if there is none.
    pub(super) fn fill_with_rest(&mut self, chunk: &mut Chunk) -> bool {
        let mut all = self.old.iter_mut().chain(&mut self.current);
        all.any(|opened| opened.fill_with_rest(chunk))
    }
}
