//! Reading a store back: its records as a stream of lines, which is read like any other.

use std::{
    io::{self, BufWriter, PipeReader, Read, Write},
    ops::ControlFlow,
    os::fd::{AsFd, BorrowedFd},
    sync::Arc,
    thread::JoinHandle,
};

use super::{Access, open};
use crate::{endpoint::StoreAt, expr::Condition};

/// Says of a record whether it is wanted.
pub type Match = Box<dyn FnMut(&[u8]) -> bool + Send>;

/// Which records are wanted.
#[derive(Clone)]
pub struct Where {
    /// What the database finds them by.
    pub condition: Condition,
    /// Makes what the records that it finds are matched with.
    pub matched: Arc<dyn Fn() -> Match + Send + Sync>,
}

/// The records of a store, a line each.
///
/// A thread asks the database and writes into a pipe, so that whoever reads can wait for other
/// things too, and a slow reader holds the database up.
pub struct Feed {
    /// Closed first, which ends the thread.
    pipe: PipeReader,
    thread: Thread,
}

/// The thread, which is waited for.
struct Thread(Option<JoinHandle<Result<(), String>>>);

impl Feed {
    /// Opens a store and begins to read it.
    pub fn open(at: &StoreAt, wanted: Option<&Where>) -> io::Result<Self> {
        let mut store = open(at, Access::Read, None)
            .map_err(|fault| io::Error::other(fault.words().to_owned()))?;
        let (pipe, into) = io::pipe()?;
        let (condition, mut matched) = match wanted {
            Some(wanted) => (wanted.condition.clone(), Some((wanted.matched)())),
            None => (Condition::Any, None),
        };
        let thread = std::thread::Builder::new().spawn(move || {
            let mut out = BufWriter::with_capacity(64 << 10, into);
            let mut hand_out = |line: &[u8]| {
                if matched.as_mut().is_some_and(|matched| !matched(line)) {
                    return ControlFlow::Continue(());
                }
                // Who has enough has closed the pipe.
                match out.write_all(line).and_then(|()| out.write_all(b"\n")) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            };
            let read = store.read(&condition, &mut hand_out);
            let _ = out.flush();
            read.map_err(|fault| fault.words().to_owned())
        })?;
        Ok(Self {
            pipe,
            thread: Thread(Some(thread)),
        })
    }
}

impl Thread {
    fn join(&mut self) -> io::Result<()> {
        match self.0.take().map(JoinHandle::join) {
            Some(Ok(Err(words))) => Err(io::Error::other(words)),
            Some(Err(_)) => Err(io::Error::other("the thread that reads has died")),
            Some(Ok(Ok(()))) | None => Ok(()),
        }
    }
}

impl Read for Feed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.pipe.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            // Why it has ended, only the thread can tell.
            self.thread.join()?;
        }
        Ok(count)
    }
}

impl AsFd for Feed {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // Nobody waits for what it has to say.
        let _ = self.join();
    }
}
