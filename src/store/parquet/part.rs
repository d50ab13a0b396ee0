//! A file that is being written.
//!
//! It has a temporary name, and no reader sees it, until it is whole. Row groups are made in
//! memory, by a thread beside the one that collects rows, and what of them is not on the disk yet
//! is kept: so a full disk holds up, and loses nothing.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    thread::JoinHandle,
    time::{Instant, SystemTime},
};

use chrono::{DateTime, Utc};
use tempfile::NamedTempFile;

use super::{
    columns::{Columns, Form, Writer},
    fault, io_fault,
};
use crate::store::{Fault, Row};

/// How the names of files begin that are not whole. Spark and Hive pass over names with a dot in
/// front, and DuckDB's patterns want the ending.
pub(super) const HIDDEN: &str = ".part-";
/// How they end.
pub(super) const UNFINISHED: &str = ".tmp";

/// How files end.
pub(super) const ENDING: &str = ".parquet";

/// A file that is being written.
pub(super) struct Part {
    file: Option<NamedTempFile>,
    target: PathBuf,
    state: State,
    /// The rows of the next row group.
    columns: Columns,
    /// What is not on the disk yet, and how much is.
    pending: Vec<u8>,
    written: u64,
    /// How many rows it has in all.
    pub(super) rows: u64,
    /// Since when it is written.
    pub(super) began: Instant,
    /// When it was used last, counted in rows that were put in.
    pub(super) used: u64,
}

/// What is being done with the writer.
enum State {
    Idle(Box<Writer>),
    Busy(JoinHandle<Result<Box<Writer>, String>>),
    /// Everything has been written, to the footer.
    Closed,
}

impl Part {
    /// Begins a file in a folder, which is made if there is none.
    pub(super) fn begin(folder: &Path, form: &Form) -> Result<Self, Fault> {
        let place = |error| io_fault(folder, &error);
        fs::create_dir_all(folder).map_err(place)?;
        let file = temporary(folder).map_err(place)?;
        let target = folder.join(name(SystemTime::now()));
        Ok(Self {
            file: Some(file),
            target,
            state: State::Idle(Box::new(form.writer().map_err(|error| fault(&error))?)),
            columns: Columns::default(),
            pending: Vec::new(),
            written: 0,
            rows: 0,
            began: Instant::now(),
            used: 0,
        })
    }

    /// The name that it will have.
    pub(super) fn named(self, target: PathBuf) -> Self {
        Self { target, ..self }
    }

    /// Adds a row to the next row group.
    pub(super) fn add(&mut self, row: &Row<'_>) {
        self.columns.add(row);
        self.rows += 1;
    }

    /// How many rows and bytes wait for their row group.
    pub(super) fn waiting(&self) -> (usize, usize) {
        (self.columns.rows(), self.columns.size())
    }

    /// How many bytes the file has so far, without what waits.
    pub(super) fn size(&self) -> u64 {
        self.written + self.pending.len() as u64
    }

    /// True while a row group is made.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.state, State::Busy(_))
    }

    /// Begins to make a row group of what waits.
    pub(super) fn encode(&mut self) -> Result<(), Fault> {
        self.collect()?;
        if self.columns.rows() == 0 {
            return Ok(());
        }
        let State::Idle(mut writer) = std::mem::replace(&mut self.state, State::Closed) else {
            return Ok(());
        };
        let columns = std::mem::take(&mut self.columns);
        let thread = std::thread::Builder::new().spawn(move || {
            let written = columns.write(&mut writer);
            let written = written.and_then(|()| Ok(writer.flush()?));
            written.map(|()| writer).map_err(|error| error.to_string())
        });
        let thread = thread.map_err(|error| Fault::Lasting(format!("no thread: {error}")))?;
        self.state = State::Busy(thread);
        Ok(())
    }

    /// Waits for the row group that is being made, and takes its bytes.
    pub(super) fn collect(&mut self) -> Result<(), Fault> {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Busy(thread) => {
                let died = |_| Err("the thread that writes has died".into());
                let mut writer = thread.join().unwrap_or_else(died).map_err(Fault::Lasting)?;
                self.pending.append(writer.inner_mut());
                self.state = State::Idle(writer);
            }
            state => self.state = state,
        }
        Ok(())
    }

    /// Puts on the disk what is not there yet.
    pub(super) fn store(&mut self) -> Result<(), Fault> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let mut done = 0;
        let mut stored = Ok(());
        while done < self.pending.len() && stored.is_ok() {
            match file.as_file().write_at(&self.pending[done..], self.written) {
                Ok(0) => stored = Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    done += count;
                    self.written += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => stored = Err(error),
            }
        }
        self.pending.drain(..done);
        stored.map_err(|error| io_fault(&self.target, &error))
    }

    /// Makes it whole, and gives it its name. What has failed is done when it is called again.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        self.encode()?;
        self.collect()?;
        if let State::Idle(writer) = std::mem::replace(&mut self.state, State::Closed) {
            let mut rest = writer.into_inner().map_err(|error| fault(&error))?;
            self.pending.append(&mut rest);
        }
        self.store()?;
        let Some(file) = &self.file else {
            return Ok(());
        };
        let place = |error: &io::Error| io_fault(&self.target, error);
        file.as_file().sync_all().map_err(|error| place(&error))?;
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        if let Err(error) = file.persist(&self.target) {
            self.file = Some(error.file);
            return Err(place(&error.error));
        }
        // The name has to outlast a crash, too.
        let folder = self.target.parent().unwrap_or(Path::new("."));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| place(&error))
    }
}

/// A file that goes away unless it is finished; nobody takes it for one that was left behind, as
/// long as it is locked.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let file = tempfile::Builder::new()
        .prefix(HIDDEN)
        .suffix(UNFINISHED)
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
        .tempfile_in(folder)?;
    file.as_file().lock()?;
    Ok(file)
}

/// The name of a file: names that were given one after the other are in that order.
fn name(now: SystemTime) -> String {
    /// Those of a moment are counted.
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = DateTime::<Utc>::from(now).format("%Y%m%dT%H%M%S%6f");
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("part-{time}-{count:06}-{}{ENDING}", std::process::id())
}
