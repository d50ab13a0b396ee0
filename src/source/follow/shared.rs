//! What the followed paths share, and the numbers of files.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use super::{
    Ours,
    opened::{Opened, Reached},
    positions::Positions,
    watch::Watch,
};

/// What tails share.
pub(super) struct Shared {
    pub(super) positions: Positions,
    pub(super) watch: Watch,
    pub(super) max_record: usize,
    /// The number of the file that was opened last. Numbers have the order in which files had their
    /// name, so that another run reads them in it.
    pub(super) last: u64,
    /// The number of the youngest file, which had to be opened before those that came before it.
    pub(super) youngest: u64,
    /// The files that we write, which are not to be found.
    pub(super) ours: Ours,
    /// What is to be said.
    pub(super) words: Vec<(PathBuf, io::Error)>,
}

/// The numbers that are left free in front of the file that has the name: more than there are others.
const ROOM: u64 = 1 << 20;

impl Shared {
    /// A number behind all others.
    pub(super) fn number(&mut self) -> u64 {
        self.last = self.last.max(self.youngest) + 1;
        self.last
    }

    /// The number of a file that had the name before the youngest.
    pub(super) fn number_before(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// The number of the file that has the name, behind all that are opened until the next has it.
    pub(super) fn number_of_youngest(&mut self) -> u64 {
        self.youngest = self.number() + ROOM;
        self.youngest
    }

    /// Opens a file under its number.
    pub(super) fn open(
        &mut self,
        number: u64,
        file: File,
        from: Reached,
        path: &Path,
        tail: usize,
    ) -> io::Result<Opened> {
        let mut opened = Opened::new(number, file, from, path, &self.positions)?;
        opened.watch = self.watch.file(opened.file(), tail);
        Ok(opened)
    }

    pub(super) fn close(&mut self, opened: &mut Opened) {
        opened.close(&self.positions);
        if let Some(watch) = opened.watch.take() {
            self.watch.forget(watch);
        }
    }
}
