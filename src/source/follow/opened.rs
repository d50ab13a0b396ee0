//! A followed file that is open, until nothing more is to be expected of it.

use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
    time::{Instant, SystemTime},
};

use super::{
    head::Head,
    positions::{Position, Positions},
};
use crate::source::{Mark, carry::Carry, chunk::Chunk};

/// A file and how far it has been read.
#[derive(Debug)]
pub(super) struct Opened {
    /// Another one for each file, also where a file has been emptied and begins anew.
    number: u64,
    file: File,
    identity: Identity,
    head: Head,
    /// True once others have written over what was read.
    is_other: bool,
    modified: SystemTime,
    /// Where reading goes on.
    offset: u64,
    carry: Carry,
    /// The lines handed out so far.
    done: Reached,
    /// The watch for it.
    pub(super) watch: Option<i32>,
    /// When something was read last, or its name was taken away.
    pub(super) since: Instant,
}

/// How far a file has been read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reached {
    /// The place behind the last line.
    pub(super) offset: u64,
    /// How many lines there were.
    pub(super) lines: u64,
    /// Where counting them began.
    pub(super) since: u64,
    /// The number of the last record of its path, if they are numbered.
    pub(super) numbered: u64,
}

impl Reached {
    /// A place that nobody has counted the lines in front of.
    pub(super) fn uncounted(offset: u64) -> Self {
        Self {
            offset,
            since: offset,
            ..Self::default()
        }
    }
}

/// Which file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
}

impl Identity {
    pub(super) fn of(found: &Metadata) -> Self {
        Self {
            device: found.dev(),
            inode: found.ino(),
        }
    }
}

/// What is at the end of what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The file goes on where it did.
    Same,
    /// It has been emptied, or others have written over it.
    Other,
}

impl Opened {
    /// A file from there on.
    pub(super) fn new(
        number: u64,
        file: File,
        from: Reached,
        path: &Path,
        positions: &Positions,
    ) -> io::Result<Self> {
        let found = file.metadata()?;
        let identity = Identity::of(&found);
        let modified = modified(&found);
        let mut head = Head::default();
        head.grow(&file)?;
        positions.open(
            number,
            Position {
                path: path.to_owned(),
                device: identity.device,
                inode: identity.inode,
                head,
                reached: from,
                modified,
                deleted: false,
                end: None,
            },
        );
        Ok(Self {
            number,
            file,
            identity,
            head,
            is_other: false,
            modified,
            offset: from.offset,
            carry: Carry::default(),
            done: from,
            watch: None,
            since: Instant::now(),
        })
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn head(&self) -> Head {
        self.head
    }

    /// How far it has been handed out.
    pub(super) fn done(&self) -> Reached {
        self.done
    }

    /// Looks whether what has been read still stands there.
    pub(super) fn state(&mut self, positions: &Positions) -> io::Result<State> {
        let found = self.file.metadata()?;
        if self.is_other || found.len() < self.offset {
            return Ok(State::Other);
        }
        let modified = modified(&found);
        if modified != self.modified {
            self.modified = modified;
            positions.set_modified(self.number, modified);
        }
        let was = self.head;
        if !self.head.grow(&self.file)? {
            return Ok(State::Other);
        }
        if was != self.head {
            positions.set_head(self.number, self.head);
        }
        Ok(State::Same)
    }

    /// True if it has been found out while reading that others have written over what was read.
    pub(super) fn is_other(&self) -> bool {
        self.is_other
    }

    /// Fills a chunk with the lines that are there; false if there are none.
    pub(super) fn fill(
        &mut self,
        chunk: &mut Chunk,
        max_record: usize,
        positions: &Positions,
    ) -> io::Result<bool> {
        self.carry.begin(chunk);
        let mut complete = 0;
        loop {
            if chunk.end == chunk.buffer.len() {
                if complete > 0 {
                    break;
                }
                self.carry.grow(chunk, max_record);
            }
            match self.read(chunk, positions) {
                Ok(0) => {
                    chunk.pausing = true;
                    break;
                }
                Ok(read) => {
                    self.offset += read as u64;
                    self.since = Instant::now();
                    complete = self.carry.took(chunk, read, complete);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.carry.keep(chunk, 0);
                    return Err(error);
                }
            }
        }
        self.carry.keep(chunk, complete);
        Ok(self.label(chunk, max_record))
    }

    /// Reads what comes next, unless the file has been emptied and written anew: that may be since it
    /// was looked at last, and then what stands there is no continuation.
    fn read(&mut self, chunk: &mut Chunk, positions: &Positions) -> io::Result<usize> {
        let room = &mut chunk.buffer[chunk.end..];
        let read = self.file.read_at(room, self.offset)?;
        if self.offset == 0 && self.head.length == 0 && read > 0 {
            self.head = Head::of(&room[..read]);
            positions.set_head(self.number, self.head);
        }
        self.is_other |= read > 0 && !self.head.stands(&self.file)?;
        Ok(if self.is_other { 0 } else { read })
    }

    /// Hands out an unfinished last line; false if there is none.
    pub(super) fn fill_with_rest(&mut self, chunk: &mut Chunk, max_record: usize) -> bool {
        self.carry.begin(chunk);
        self.carry.end();
        self.label(chunk, max_record)
    }

    /// Tells a chunk what it is; false if there is nothing in it.
    fn label(&mut self, chunk: &mut Chunk, max_record: usize) -> bool {
        self.carry.tell(chunk, max_record);
        let first = self.done.lines;
        let newlines = memchr::memchr_iter(b'\n', chunk.bytes()).count() as u64;
        let unfinished = u64::from(!matches!(chunk.bytes().last(), None | Some(b'\n')));
        self.done.lines += newlines + unfinished + chunk.oversized();
        // Within a line that is passed over the place stays in front of it.
        if !self.carry.is_skipping() {
            self.done.offset = self.offset - self.carry.len() as u64;
        }
        let is_piece = chunk.gaps.is_empty() && !self.carry.is_skipping();
        chunk.reached = None;
        chunk.mark = Some(Mark {
            file: self.number,
            offset: self.done.offset,
            first,
            lines: self.done.lines,
            since: self.done.since,
            start: is_piece.then(|| self.done.offset - chunk.end as u64),
        });
        chunk.end > 0 || !chunk.gaps.is_empty()
    }

    /// Looks whether no name leads to the file any more, and remembers that.
    pub(super) fn is_deleted(&mut self, positions: &Positions) -> bool {
        let deleted = self.file.metadata().is_ok_and(|found| found.nlink() == 0);
        if deleted {
            positions.set_deleted(self.number);
        }
        deleted
    }

    /// Says that it is not read on; what was handed out is still to be delivered.
    pub(super) fn close(&self, positions: &Positions) {
        positions.close(self.number, self.done.offset);
    }
}

/// When a file was written to last; the system knows it of every file.
fn modified(found: &Metadata) -> SystemTime {
    found.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use std::{io::Write, os::unix::fs::FileExt};

    use super::*;

    /// A file that is followed, what was read of it, and where it stands.
    struct Followed {
        file: tempfile::NamedTempFile,
        opened: Opened,
        positions: Positions,
    }

    impl Followed {
        fn new() -> Self {
            let file = tempfile::NamedTempFile::new().expect("a file");
            let positions = Positions::default();
            let again = File::open(file.path()).expect("the file");
            let opened = Opened::new(1, again, Reached::default(), file.path(), &positions);
            Self {
                opened: opened.expect("the file"),
                file,
                positions,
            }
        }

        fn write(&mut self, text: &str) {
            self.file.write_all(text.as_bytes()).expect("written");
        }

        /// Empties the file and writes this into it.
        fn begin_anew(&mut self, text: &str) {
            self.file.as_file().set_len(0).expect("emptied");
            self.file
                .as_file()
                .write_all_at(text.as_bytes(), 0)
                .expect("written");
        }

        fn state(&mut self) -> State {
            self.opened.state(&self.positions).expect("a state")
        }

        /// What is there to be read.
        fn read(&mut self) -> String {
            let mut chunk = Chunk::default();
            let filled = self.opened.fill(&mut chunk, usize::MAX, &self.positions);
            assert_eq!(filled.expect("read"), chunk.end > 0);
            String::from_utf8_lossy(chunk.bytes()).into_owned()
        }
    }

    #[test]
    fn what_is_written_anew_between_a_look_and_a_read_is_no_continuation() {
        let mut followed = Followed::new();
        followed.write("one\ntwo\nthr");
        assert_eq!(
            (followed.state(), &*followed.read()),
            (State::Same, "one\ntwo\n")
        );
        followed.write("ee\nfour\n");
        assert_eq!(followed.state(), State::Same);
        followed.begin_anew("ONE\nTWO\nTHREE\nFOUR\nFIVE\n");
        assert_eq!(followed.read(), "");
        assert_eq!(
            (followed.state(), followed.opened.done().offset),
            (State::Other, 8)
        );
    }

    #[test]
    fn a_file_is_known_by_what_was_read_of_it() {
        let mut followed = Followed::new();
        assert_eq!(followed.state(), State::Same);
        followed.write("one\n");
        assert_eq!(followed.read(), "one\n");
        followed.begin_anew("ONE\nTWO\n");
        assert_eq!(followed.state(), State::Other);
    }
}
