//! The thread that writes records with counts.

use std::{
    fs::File,
    io::Write,
    path::PathBuf,
    sync::{Mutex, mpsc},
    time::{Duration, Instant},
};

use super::{
    super::{Error, Result, lock},
    Buffers,
    report::Reporter,
};
use crate::{cli::meters::Meters, sink::Sink};

/// Writes records with counts.
pub(super) struct Writer {
    pub(super) meters: Meters,
    pub(super) every: Duration,
    /// Where to, if not where all records go.
    pub(super) file: Option<(PathBuf, File)>,
    pub(super) reporter: Reporter,
}

impl Writer {
    /// Writes until the other end of `stopped` is gone, and then the last one.
    pub(super) fn run(
        &mut self,
        stopped: &mpsc::Receiver<()>,
        sink: &Mutex<Box<dyn Sink>>,
        buffers: &Buffers,
    ) -> Result<()> {
        let mut due = Instant::now();
        loop {
            // One that could not be written in time is left out: its counts are in the next.
            due = (due + self.every).max(Instant::now());
            let pause = due.saturating_duration_since(Instant::now());
            let waited = stopped.recv_timeout(pause);
            self.write(sink, buffers)?;
            if waited == Err(mpsc::RecvTimeoutError::Disconnected) {
                return Ok(());
            }
        }
    }

    fn write(&mut self, sink: &Mutex<Box<dyn Sink>>, buffers: &Buffers) -> Result<()> {
        let record = self.reporter.record(&self.meters, buffers);
        match &mut self.file {
            None => lock(sink).write(record.as_bytes()),
            Some((path, file)) => file
                .write_all(record.as_bytes())
                .map_err(|source| Error::File {
                    path: path.clone(),
                    source,
                }),
        }
    }
}
