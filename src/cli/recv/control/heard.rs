//! Notices the answers of processes among the records that go out.

use std::sync::Arc;

use memchr::{memchr, memmem::Finder, memrchr};

use super::{super::lock, Shared};
use crate::{
    control::{Answer, MARK},
    error::Result,
    sink::Sink,
};

/// A sink that looks at what goes through it.
pub(super) struct Heard {
    sink: Box<dyn Sink>,
    shared: Arc<Shared>,
    mark: Finder<'static>,
}

impl Heard {
    pub(super) fn new(sink: Box<dyn Sink>, shared: Arc<Shared>) -> Self {
        Self {
            sink,
            shared,
            mark: Finder::new(MARK),
        }
    }

    fn look(&self, lines: &[u8]) {
        let mut left = lines;
        while let Some(at) = self.mark.find(left) {
            let start = memrchr(b'\n', &left[..at]).map_or(0, |end| end + 1);
            let end = memchr(b'\n', &left[at..]).map_or(left.len(), |end| at + end);
            if let Some(answer) = Answer::read(&left[start..end]) {
                lock(&self.shared.book).note(answer);
            }
            left = &left[end..];
        }
    }
}

impl Sink for Heard {
    fn write(&mut self, lines: &[u8]) -> Result<()> {
        self.look(lines);
        self.sink.write(lines)
    }

    fn tick(&mut self) -> Result<()> {
        self.sink.tick()
    }

    fn sync(&mut self) -> Result<()> {
        self.sink.sync()
    }

    fn sync_every(&self) -> std::time::Duration {
        self.sink.sync_every()
    }

    fn finish(&mut self) -> Result<()> {
        self.sink.finish()
    }

    fn undelivered(&self) -> u64 {
        self.sink.undelivered()
    }

    fn refused(&self) -> Option<(u64, String)> {
        self.sink.refused()
    }
}
