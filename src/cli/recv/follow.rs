//! `dl-recv --follow`: files as they grow, and the state that is kept from run to run.

use std::{
    fs::File,
    io,
    os::fd::AsFd,
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};

use clap::Args;

use super::{Out, RecvArgs, lock};
use crate::{
    cli::{Program, feed::Feed, only_one::only_one, say},
    endpoint::Endpoint,
    error::{Error, Result},
    sink::Sink,
    source::{Follow, Ours, Positions},
};

/// How often the state is saved while records come: what comes twice after a crash is what was
/// delivered since.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// How files that grow are read.
#[derive(Args, Clone, Debug)]
pub(super) struct FollowArgs {
    /// Read the files as they grow, and over rotation
    ///
    /// A file that is renamed, deleted or emptied is read to its end first, and then the one that
    /// has its name. Files that are not there yet are waited for. The program runs until it is
    /// told to end.
    #[arg(short = 'F', long, conflicts_with = "merge")]
    pub(super) follow: bool,

    /// With --follow, begin at the ends of the files that are there
    ///
    /// Lines of these files are counted from there, and messages tell behind which byte that is.
    #[arg(long, requires = "follow", hide_short_help = true)]
    pub(super) from_end: bool,

    /// With --follow, keep in FILE how far has been read, and go on from there
    ///
    /// FILE is replaced once a second and at the end, after what it counts has been delivered. Where
    /// --foreign fail has stopped, that is what stands in front of the line.
    /// A rotation in between is noticed.
    #[arg(
        long,
        value_name = "FILE",
        requires = "follow",
        conflicts_with = "merge_window"
    )]
    pub(super) state: Option<PathBuf>,
}

impl FollowArgs {
    /// Refuses what cannot be followed.
    pub(super) fn check(&self, inputs: &[Endpoint]) -> Result<()> {
        if !self.follow {
            return Ok(());
        }
        if inputs.contains(&Endpoint::Standard) || inputs.is_empty() {
            return Err(Error::Misused {
                reason: "--follow is about files".into(),
                hint: "name files; standard input is read until it ends in any case",
            });
        }
        Ok(())
    }

    /// Has a feed follow its inputs; `written` are files that are written beside the output.
    pub(super) fn apply(
        &self,
        feed: Feed,
        inputs: &[Endpoint],
        output: &Endpoint,
        mut written: Vec<PathBuf>,
    ) -> Result<(Feed, Option<State>)> {
        if !self.follow {
            return Ok((feed, None));
        }
        let path = |input: &Endpoint| match input {
            Endpoint::File(path) => Some(path.clone()),
            _ => None,
        };
        let paths = inputs.iter().filter_map(path).collect();
        let mut open = None;
        match output {
            Endpoint::Standard => {
                let stdout = io::stdout().as_fd().try_clone_to_owned();
                open = stdout.and_then(|fd| File::from(fd).metadata()).ok();
            }
            Endpoint::File(path) => written.push(path.clone()),
            _ => {}
        }
        let state = self.state.as_deref();
        let lock = state.map(lock_state).transpose()?;
        written.extend(state.map(Path::to_owned));
        written.extend(state.map(lock_of));
        let ours = Ours {
            open,
            paths: written,
        };
        let follow = Follow::new(paths, self.from_end, state, ours)?;
        // It may be a name with a letter too much.
        for path in follow.awaited() {
            let words = format!(
                "{}: there is no such file yet; it is read when it comes",
                path.display()
            );
            say(RecvArgs::NAME, &words);
        }
        let mut state = self.state.as_ref().map(|path| State {
            path: path.clone(),
            positions: follow.positions(),
            saved: Instant::now(),
            _lock: lock,
        });
        // That it cannot be written is better known now, and which files there are too.
        if let Some(state) = &mut state {
            state.write()?;
        }
        Ok((feed.following(follow), state))
    }
}

/// How far has been read, on its way to a file.
pub(super) struct State {
    path: PathBuf,
    positions: Positions,
    saved: Instant,
    /// Held as long as the state is used.
    _lock: Option<File>,
}

/// Sees to it that nobody else goes on from the same state, and reads all of it a second time.
fn lock_state(path: &Path) -> Result<File> {
    only_one(&lock_of(path), "state").map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

fn lock_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

impl State {
    /// Takes note of what has been written to the sink.
    pub(super) fn note<T>(&mut self, out: &Out<'_, T>, sink: &Mutex<Box<dyn Sink>>) -> Result<()> {
        if let Out::Made(Some(chunk), _) = out {
            for &mark in chunk.reached() {
                if let Some(last) = chunk.numbered() {
                    self.positions.set_numbered(mark.file(), last);
                }
                self.positions.delivered(mark);
            }
        }
        let every = EVERY.max(lock(sink).sync_every());
        if self.saved.elapsed() >= every || self.positions.are_urgent() {
            self.save(sink)?;
        }
        Ok(())
    }

    /// The positions of the files.
    pub(super) fn positions(&self) -> Positions {
        self.positions.clone()
    }

    /// Saves it, after what it counts has been delivered.
    pub(super) fn save(&mut self, sink: &Mutex<Box<dyn Sink>>) -> Result<()> {
        lock(sink).sync()?;
        self.write()
    }

    fn write(&mut self) -> Result<()> {
        self.saved = Instant::now();
        self.positions
            .save(&self.path)
            .map_err(|source| Error::File {
                path: self.path.clone(),
                source,
            })
    }
}
