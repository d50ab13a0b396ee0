//! Parquet: files in a folder, one for each hour or day, as DuckDB and others read them.
//!
//! A file is there when it is whole, and never changes: it is given its name when it is large
//! enough, after a minute, or when somebody wants to be sure. Until then records are in memory or
//! in a file that nobody reads. No index knows what is there, so what is put in twice is there
//! twice; its `hash` tells it.

mod columns;
mod folder;
mod part;
mod read;

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Duration,
};

use ::parquet::errors::ParquetError;

use self::{
    columns::Form,
    folder::{Number, Span},
    part::Part,
};
use super::{Access, Fault, Hash, Identities, Row, Rows, Store};
use crate::{
    endpoint::{Layout, StoreAt},
    expr::Condition,
};

/// How many rows and bytes are in a row group at the most: as many rows as in DuckDB's, which is
/// also what one of its threads reads at a time.
const GROUP_ROWS: usize = 122_880;
const GROUP_BYTES: usize = 32 << 20;

/// How many bytes wait for their row groups in all files together.
const MEMORY: usize = 64 << 20;

/// How many files are written at the same time: the hours of five days. Each is a descriptor.
const PARTS: usize = 128;

/// After what time a file is finished, so that somebody can read it.
const AGE: Duration = Duration::from_secs(60);

/// Files in a folder.
pub(super) struct Parquet {
    root: PathBuf,
    layout: Layout,
    form: Form,
    /// The files that are being written.
    parts: HashMap<Number, Part>,
    /// How many of the next rows are in already, from a batch that broke off.
    ahead: usize,
    /// How many rows were put in.
    count: u64,
    /// How many row groups are made at a time.
    threads: usize,
    /// The files in which the last reading has found something.
    visited: Vec<PathBuf>,
}

impl Parquet {
    /// Opens a folder, which is made if need be.
    pub(super) fn open(at: &StoreAt, layout: Layout, access: Access) -> Result<Self, Fault> {
        let root = PathBuf::from(&at.place);
        match access {
            Access::Write => fs::create_dir_all(&root).and_then(|()| folder::tidy(&root)),
            Access::Read => fs::metadata(&root).map(drop),
        }
        .map_err(|error| io_fault(&root, &error))?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            root,
            layout,
            form: Form::new(layout.packing).map_err(|error| fault(&error))?,
            parts: HashMap::new(),
            ahead: 0,
            count: 0,
            threads,
            visited: Vec::new(),
        })
    }

    /// Adds a row to its file.
    fn add(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        let number = folder::number(self.layout.partition, row.time);
        if !self.parts.contains_key(&number) {
            while self.parts.len() >= PARTS {
                let unused = self.parts.iter().min_by_key(|(_, part)| part.used);
                let unused = unused.and_then(|(number, _)| *number);
                self.finish(unused)?;
            }
            let folder = folder::path(&self.root, self.layout.partition, number);
            self.parts.insert(number, Part::begin(&folder, &self.form)?);
        }
        self.count += 1;
        self.ahead += 1;
        let Some(part) = self.parts.get_mut(&number) else {
            return Ok(());
        };
        part.used = self.count;
        part.add(row);
        let (rows, bytes) = part.waiting();
        if rows >= GROUP_ROWS || bytes >= GROUP_BYTES {
            self.encode(number)?;
        }
        Ok(())
    }

    /// Begins to make a row group of what waits for a file, when not too many are being made.
    fn encode(&mut self, number: Number) -> Result<(), Fault> {
        while self.parts.values().filter(|part| part.is_busy()).count() >= self.threads {
            let busy = self.parts.values_mut().filter(|part| part.is_busy());
            if let Some(part) = busy.min_by_key(|part| part.used) {
                part.collect()?;
                part.store()?;
            }
        }
        match self.parts.get_mut(&number) {
            Some(part) => part.encode().and_then(|()| part.store()),
            None => Ok(()),
        }
    }

    /// Makes row groups of what waits, until it is not too much.
    fn relieve(&mut self) -> Result<(), Fault> {
        loop {
            let waiting = self
                .parts
                .iter()
                .map(|(number, part)| (part.waiting().1, *number));
            let sum: usize = waiting.clone().map(|(bytes, _)| bytes).sum();
            match waiting.max() {
                Some((_, most)) if sum > MEMORY => self.encode(most)?,
                _ => return Ok(()),
            }
        }
    }

    fn finish(&mut self, number: Number) -> Result<(), Fault> {
        if let Some(part) = self.parts.get_mut(&number) {
            part.finish()?;
            self.parts.remove(&number);
        }
        Ok(())
    }

    /// Finishes the files that are large enough, or have been written for long enough.
    fn finish_due(&mut self) -> Result<(), Fault> {
        let size = self.layout.size;
        let is_due = |part: &Part| part.size() >= size || part.began.elapsed() >= AGE;
        let due = self.parts.iter().filter(|(_, part)| is_due(part));
        let due: Vec<_> = due.map(|(number, _)| *number).collect();
        due.into_iter().try_for_each(|number| self.finish(number))
    }

    /// Removes records from a file, by writing another in its place.
    fn weed(&self, path: &Path, hashes: &HashSet<&Hash>) -> Result<(), Fault> {
        let mut identities = Identities::default();
        let (mut all, mut gone) = (0_u64, 0_u64);
        // It does not break off.
        let _ = read::lines(path, &Condition::Any, &mut |line| {
            all += 1;
            gone += u64::from(hashes.contains(&identities.of(line)));
            ControlFlow::Continue(())
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        if gone == 0 {
            return Ok(());
        }
        if gone == all {
            fs::remove_file(path).map_err(|error| io_fault(path, &error))?;
            // Only if they are empty.
            if folder != self.root
                && fs::remove_dir(folder).is_ok()
                && let Some(above) = folder.parent().filter(|above| *above != self.root)
            {
                let _ = fs::remove_dir(above);
            }
            return Ok(());
        }
        let mut part = Part::begin(folder, &self.form)?.named(path.to_owned());
        let mut rows = Rows::default();
        let mut added = Ok(());
        // Why it broke off is kept.
        let _ = read::lines(path, &Condition::Any, &mut |line| {
            let row = rows.row(line);
            if !hashes.contains(&row.hash) {
                part.add(&row);
                let (rows, bytes) = part.waiting();
                if rows >= GROUP_ROWS || bytes >= GROUP_BYTES {
                    added = part.encode().and_then(|()| part.store());
                }
            }
            match added {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        added.and_then(|()| part.finish())
    }
}

impl Store for Parquet {
    fn put(&mut self, rows: &[Row<'_>]) -> Result<u64, Fault> {
        // Readers of others take no text that is not UTF-8.
        if rows.iter().any(|row| str::from_utf8(row.line).is_err()) {
            return Err(Fault::Refused("not UTF-8".into()));
        }
        self.parts.values_mut().try_for_each(Part::store)?;
        self.finish_due()?;
        let known = self.ahead.min(rows.len());
        for row in &rows[known..] {
            self.add(row)?;
        }
        self.relieve()?;
        self.ahead -= rows.len();
        Ok(rows.len() as u64)
    }

    fn settle(&mut self) -> Result<(), Fault> {
        let all: Vec<_> = self.parts.keys().copied().collect();
        all.iter().try_for_each(|number| self.encode(*number))?;
        all.iter().try_for_each(|number| self.finish(*number))
    }

    fn unsettled(&self) -> u64 {
        self.parts.values().map(|part| part.rows).sum()
    }

    fn tend(&mut self) -> Result<(), Fault> {
        self.finish_due()
    }

    fn removes(&self) -> usize {
        // Each time all files are read in which there is something.
        usize::MAX
    }

    fn read(
        &mut self,
        condition: &Condition,
        hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        self.visited.clear();
        let files = folder::files(&self.root).map_err(|error| io_fault(&self.root, &error))?;
        for file in files {
            if !may_hold(condition, file.span) {
                continue;
            }
            let mut found = false;
            let read = read::lines(&file.path, condition, &mut |line| {
                found = true;
                hand_out(line)
            });
            if found {
                self.visited.push(file.path);
            }
            if read?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn remove(&mut self, hashes: &[Hash]) -> Result<(), Fault> {
        let hashes: HashSet<_> = hashes.iter().collect();
        let mut files = self.visited.iter();
        files.try_for_each(|path| self.weed(path, &hashes))
    }
}

/// Whether records of these times can be among those of a condition.
fn may_hold(condition: &Condition, span: Span) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| may_hold(part, span)),
        Condition::Either(parts) => parts.iter().any(|part| may_hold(part, span)),
        Condition::Time(from, to) => match span {
            Span::Unknown => true,
            Span::None => from.is_none() && to.is_none(),
            Span::Between(first, last) => {
                from.is_none_or(|from| from.0 <= last) && to.is_none_or(|to| to.0 >= first)
            }
        },
        Condition::Any | Condition::Text(..) | Condition::Level(_) => true,
    }
}

fn fault(error: &ParquetError) -> Fault {
    Fault::Lasting(error.to_string())
}

/// What an error of the system means: there may be room later.
fn io_fault(path: &Path, error: &io::Error) -> Fault {
    let words = format!("{}: {}", path.display(), error);
    match error.kind() {
        io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded
        | io::ErrorKind::FileTooLarge
        | io::ErrorKind::OutOfMemory
        | io::ErrorKind::WriteZero => Fault::Passing(words),
        _ => Fault::Lasting(words),
    }
}
