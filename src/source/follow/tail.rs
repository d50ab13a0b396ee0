//! One followed path: the file that has the name, and those that had it.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use super::{
    head::Head,
    opened::{Identity, Opened, Reached, State},
    positions::Position,
    search::{moved, successors},
    shared::Shared,
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

    /// True if nobody has the name, and there is nothing else to complain of.
    pub(super) fn is_awaited(&self) -> bool {
        self.current.is_none() && !self.complained
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
        let from = known.reached;
        // A file that is there and not known has come since.
        self.at_end = false;
        if known.deleted {
            self.lose(known, shared);
            return Ok(());
        }
        if let Ok(file) = File::open(&self.path) {
            let found = file.metadata()?;
            if Identity::of(&found) == identity
                && found.len() >= from.offset
                && known.head.stands(&file)?
            {
                return self.open_youngest(file, from, shared);
            }
        }
        let open = [self.identities(), shared.ours.identities()].concat();
        if let Some((file, _)) = moved(&self.path, Some(identity), known.head, from.offset, &open) {
            self.open_before(file, from, shared)?;
        } else {
            let words = format!(
                "the file that was read up to byte {} is gone; what was written behind that is not read",
                from.offset
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
        let number = shared.number();
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
        all.any(|opened| {
            opened.is_deleted(&shared.positions) && opened.fill_with_rest(chunk, shared.max_record)
        })
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
            if current.fill(chunk, shared.max_record, &shared.positions)? {
                return Ok(true);
            }
            if current.is_other() {
                continue;
            }
            match fs::metadata(&self.path) {
                Ok(found) if Identity::of(&found) != current.identity() => {
                    // It may have been emptied since the look above, before it lost its name.
                    if current.state(&shared.positions)? == State::Other {
                        self.begin_anew(shared)?;
                        continue;
                    }
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
            if !over && old.fill(chunk, shared.max_record, &shared.positions)? {
                return Ok(true);
            }
            if over || old.since.elapsed() > GRACE || self.old.len() > OLD {
                let Some(mut old) = self.old.remove(at) else {
                    break;
                };
                let some = old.fill_with_rest(chunk, shared.max_record);
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
        let Some(mut current) = self.current.take() else {
            return Ok(());
        };
        let _held = shared.positions.hold();
        let identity = current.identity();
        let open = [
            &self.identities()[..],
            &[identity],
            &shared.ours.identities(),
        ]
        .concat();
        let from = current.done();
        let copy = moved(&self.path, None, current.head(), from.offset, &open);
        let file = current.file().try_clone()?;
        shared.close(&mut current);
        let mut between = Vec::new();
        match copy {
            Some((copy, _)) => {
                self.open_before(copy, from, shared)?;
                between = self.successors(&[identity], shared)?;
            }
            // There is none: the unfinished line is all there is.
            None => self.old.push_back(current),
        }
        if fs::metadata(&self.path).is_ok_and(|found| Identity::of(&found) == identity) {
            self.open_old(between, shared)?;
            return self.open_youngest(file, Reached::default(), shared);
        }
        // It has another name by now, and so may others that came behind it.
        let age = modified(&file)?;
        let is_later = |other: &File| modified(other).is_ok_and(|it| it > age);
        let place = between.iter().position(is_later);
        between.insert(place.unwrap_or(between.len()), file);
        self.open_old(between, shared)?;
        self.gap = true;
        Ok(())
    }

    /// Opens the files that had the name between the youngest of the old ones and the one that has
    /// it now, of which nothing has been read.
    fn open_successors(&mut self, shared: &mut Shared) -> io::Result<()> {
        let files = self.successors(&[], shared)?;
        self.open_old(files, shared)
    }

    /// Finds those files, but for one that is held already.
    fn successors(&mut self, held: &[Identity], shared: &mut Shared) -> io::Result<Vec<File>> {
        let youngest = self.old.back().map(|old| modified(old.file()));
        let lost = self.lost.as_ref();
        let Some(after) = youngest.transpose()?.max(lost.map(|lost| lost.modified)) else {
            return Ok(Vec::new());
        };
        let mut heads: Vec<_> = self.old.iter().map(Opened::head).collect();
        heads.extend(lost.map(|lost| lost.head));
        let mut known = self.identities();
        known.extend(&self.gone);
        known.extend(held);
        known.extend(shared.ours.identities());
        let found = successors(&self.path, after, &known, &heads);
        self.forget_lost(shared);
        Ok(found)
    }

    /// Opens a file that had the name before, to be read from there on.
    fn open_before(&mut self, file: File, from: Reached, shared: &mut Shared) -> io::Result<()> {
        let number = shared.number_before();
        let opened = shared.open(number, file, from, &self.path, self.number)?;
        self.old.push_back(opened);
        Ok(())
    }

    /// The same for the file that has it.
    fn open_youngest(&mut self, file: File, from: Reached, shared: &mut Shared) -> io::Result<()> {
        let number = shared.number_of_youngest();
        let opened = shared.open(number, file, from, &self.path, self.number)?;
        self.current = Some(opened);
        Ok(())
    }

    /// Opens files of which nothing has been read, in the order in which they had the name.
    fn open_old(
        &mut self,
        files: impl IntoIterator<Item = File>,
        shared: &mut Shared,
    ) -> io::Result<()> {
        for file in files {
            self.open_before(file, Reached::default(), shared)?;
        }
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
                self.open_youngest(file, Reached::uncounted(start), shared)?;
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
    pub(super) fn fill_with_rest(&mut self, chunk: &mut Chunk, max_record: usize) -> bool {
        let mut all = self.old.iter_mut().chain(&mut self.current);
        all.any(|opened| opened.fill_with_rest(chunk, max_record))
    }
}

/// When a file was written to last.
fn modified(file: &File) -> io::Result<SystemTime> {
    file.metadata()?.modified()
}
