//! How far followed files have been read and their records delivered, and the file that keeps
//! it from one run to the next.

use std::{
    collections::BTreeMap,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use super::{head::Head, opened::Reached};
use crate::source::Mark;

/// The positions in all files; copies share them.
#[derive(Clone, Debug, Default)]
pub struct Positions(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    files: BTreeMap<u64, Position>,
    changed: bool,
    /// True if there is a file of which the state does not know yet how to find it again.
    urgent: bool,
    /// How many changes are under way of which none or all are to be saved.
    held: usize,
}

/// While it is there, nothing is saved.
#[derive(Debug)]
pub(super) struct Held(Positions);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.table().held -= 1;
    }
}

/// How far a file has been read.
#[derive(Clone, Debug)]
pub(super) struct Position {
    /// The path under which it is, or was, followed.
    pub(super) path: PathBuf,
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) head: Head,
    /// Up to where lines have been delivered.
    pub(super) reached: Reached,
    /// When it was written to last, as far as is known.
    pub(super) modified: SystemTime,
    /// True if no name leads to it any more. All of it that could be read has been, and it is
    /// remembered until the file that came after it is there.
    pub(super) deleted: bool,
    /// The end of the file, once it will not be read on.
    pub(super) end: Option<u64>,
}

/// The file, as it is written.
#[derive(Deserialize, Serialize)]
struct Saved {
    version: u32,
    files: Vec<SavedFile>,
}

#[derive(Deserialize, Serialize)]
struct SavedFile {
    path: String,
    device: u64,
    inode: u64,
    offset: u64,
    lines: u64,
    /// Where counting them began.
    #[serde(default, skip_serializing_if = "is_zero")]
    lines_since: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    numbered: u64,
    head: usize,
    xxh64: String,
    /// Nanoseconds since 1970.
    #[serde(default)]
    modified: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
}

const VERSION: u32 = 1;

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Positions {
    /// Says that the lines of a chunk have been delivered.
    pub fn delivered(&self, mark: Mark) {
        let mut table = self.table();
        table.changed = true;
        if let Some(file) = table.files.get_mut(&mark.file) {
            file.reached.offset = mark.offset;
            file.reached.lines = mark.lines;
            if file.end.is_some_and(|end| mark.offset >= end) {
                table.files.remove(&mark.file);
            }
        }
    }

    /// Says that the records of a path have numbers up to this one; to be said before what tells that the
    /// lines of a file there have been delivered, because a file that has been read is forgotten.
    pub fn set_numbered(&self, file: u64, last: u64) {
        let mut table = self.table();
        let Some(path) = table.files.get(&file).map(|file| file.path.clone()) else {
            return;
        };
        // The file that comes next goes on with them.
        for file in table.files.values_mut().filter(|file| file.path == path) {
            file.reached.numbered = file.reached.numbered.max(last);
        }
    }

    /// The number of the last record of the path of a file.
    pub fn numbered(&self, file: u64) -> u64 {
        let table = self.table();
        let file = table.files.get(&file);
        file.map_or(0, |file| file.reached.numbered)
    }

    /// True if they should be saved soon: there is a file that could not be found again.
    pub fn are_urgent(&self) -> bool {
        self.table().urgent
    }

    /// Puts the positions into a file, all or none of them: it is never half written.
    ///
    /// Nothing is done if nothing has been delivered since the last time, or if files are just
    /// being opened, which the next time will tell.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let text = {
            let mut table = self.table();
            if table.held > 0 {
                return Ok(());
            }
            table.urgent = false;
            if !std::mem::take(&mut table.changed) {
                return Ok(());
            }
            let files = table.files.values().filter_map(Position::saved).collect();
            let saved = Saved {
                version: VERSION,
                files,
            };
            serde_json::to_string_pretty(&saved)?
        };
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.as_file().sync_data()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// The positions that a file has; none if there is no file yet.
    pub(super) fn load(path: &Path) -> io::Result<Vec<Position>> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            text => text?,
        };
        let saved: Saved = serde_json::from_str(&text)
            .map_err(|error| io::Error::other(format!("is no state of dl-recv: {error}")))?;
        if saved.version != VERSION {
            return Err(io::Error::other("is the state of another version"));
        }
        Ok(saved.files.into_iter().map(Position::from).collect())
    }

    /// Puts off saving: a file must not be known by whose name it is seen that there is nothing
    /// before it, as long as those before it are not.
    pub(super) fn hold(&self) -> Held {
        self.table().held += 1;
        Held(self.clone())
    }

    pub(super) fn open(&self, number: u64, mut position: Position) {
        let mut table = self.table();
        let before = table
            .files
            .values()
            .filter(|file| file.path == position.path);
        let numbered = before.map(|file| file.reached.numbered).max();
        let own = &mut position.reached.numbered;
        *own = (*own).max(numbered.unwrap_or(0));
        table.changed = true;
        table.urgent = true;
        table.files.insert(number, position);
    }

    /// Tells the head of a file, which grows with it.
    pub(super) fn set_head(&self, number: u64, head: Head) {
        let mut table = self.table();
        let Some(file) = table.files.get_mut(&number) else {
            return;
        };
        let was = std::mem::replace(&mut file.head, head);
        if was.length == 0 {
            table.urgent = true;
            table.changed = true;
        }
    }

    /// Tells when a file was written to last, which is saved with the next delivery.
    pub(super) fn set_modified(&self, number: u64, modified: SystemTime) {
        if let Some(file) = self.table().files.get_mut(&number) {
            file.modified = modified;
        }
    }

    /// True if no name leads to a file any more, so that another run will not find it.
    pub fn is_deleted(&self, number: u64) -> bool {
        let table = self.table();
        table.files.get(&number).is_some_and(|file| file.deleted)
    }

    /// Says that no name leads to a file any more, which is remembered until
    /// [`Positions::forget`].
    pub(super) fn set_deleted(&self, number: u64) {
        let mut table = self.table();
        table.changed = true;
        if let Some(file) = table.files.get_mut(&number) {
            file.deleted = true;
        }
    }

    /// Forgets a file.
    pub(super) fn forget(&self, number: u64) {
        let mut table = self.table();
        table.changed = true;
        table.files.remove(&number);
    }

    /// Says that a file is not read on, once all up to `end` has been delivered.
    pub(super) fn close(&self, number: u64, end: u64) {
        let mut table = self.table();
        table.changed = true;
        if let Some(file) = table.files.get_mut(&number) {
            file.end = Some(end);
            if file.reached.offset >= end {
                table.files.remove(&number);
            }
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Position {
    /// `None` for a path that text cannot say; such a file is read from its start.
    fn saved(&self) -> Option<SavedFile> {
        Some(SavedFile {
            path: self.path.to_str()?.to_owned(),
            device: self.device,
            inode: self.inode,
            offset: self.reached.offset,
            lines: self.reached.lines,
            lines_since: self.reached.since,
            numbered: self.reached.numbered,
            head: self.head.length,
            xxh64: format!("{:016x}", self.head.hash),
            modified: self
                .modified
                .duration_since(SystemTime::UNIX_EPOCH)
                .ok()
                .and_then(|time| u64::try_from(time.as_nanos()).ok())
                .unwrap_or(0),
            deleted: self.deleted,
        })
    }
}

impl From<SavedFile> for Position {
    fn from(saved: SavedFile) -> Self {
        Self {
            path: saved.path.into(),
            device: saved.device,
            inode: saved.inode,
            head: Head {
                length: saved.head,
                hash: u64::from_str_radix(&saved.xxh64, 16).unwrap_or(0),
            },
            reached: Reached {
                offset: saved.offset,
                lines: saved.lines,
                since: saved.lines_since,
                numbered: saved.numbered,
            },
            modified: SystemTime::UNIX_EPOCH + Duration::from_nanos(saved.modified),
            deleted: saved.deleted,
            end: None,
        }
    }
}
