//! The files of dl-recv: read once, put in order, or followed.

use std::{path::PathBuf, sync::Mutex, time::Duration};

use super::{
    Out, Program, RecvArgs, Run,
    follow::{EVERY, State},
    hand_out, lock,
    merge::{self, MergeArgs},
    text::{self, Text},
};
use crate::{
    cli::{
        common::Foreign,
        feed::{self, Feed, Left},
        meters::Meters,
    },
    endpoint::Endpoint,
    error::{Error, Result},
    shutdown::Shutdown,
    sink::Sink,
};

/// Files and standard input, ready to be read.
pub(super) struct Files<'s> {
    feed: Feed,
    text: Text<'s>,
    /// How records are put in the order of time, if that is asked for.
    merge: Option<MergeArgs>,
    state: Option<State>,
}

impl<'s> Files<'s> {
    /// Prepares to read `inputs`, if there are any.
    pub(super) fn new(
        args: &RecvArgs,
        inputs: Vec<Endpoint>,
        text: Text<'s>,
        shutdown: Shutdown,
        output: &Endpoint,
        meters: Meters,
    ) -> Result<Option<Self>> {
        let wanted = args.wanting.wanted(&inputs)?;
        if inputs.is_empty() {
            return Ok(None);
        }
        let (following, lines) = (&args.following, &args.lines);
        let outputs = std::slice::from_ref(output);
        let over = |inputs| {
            let name = RecvArgs::NAME;
            let feed = Feed::over(name, inputs, lines, Foreign::Drop, shutdown, outputs)?;
            Ok::<_, Error>(feed.wanting(wanted))
        };
        let (feed, state) = if following.follow {
            let written = lines.rejects.as_ref().map(PathBuf::from);
            let written = written.into_iter().chain(args.seen.file()).collect();
            following.apply(over(Vec::new())?, &inputs, output, written)?
        } else {
            (over(inputs)?, None)
        };
        Ok(Some(Self {
            feed: feed.metered(meters),
            text,
            merge: args.merging.merge.then(|| args.merging.clone()),
            state,
        }))
    }

    /// Has Ctrl-C end it at once, as listeners beside it are ended.
    pub(super) fn beside_listeners(mut self) -> Self {
        self.feed = self.feed.without_draining();
        self
    }

    /// Leaves there what has been counted if reading fails.
    pub(super) fn leaving(mut self, left: &Left) -> Self {
        self.feed = self.feed.leaving(left);
        self
    }

    /// Reads them to the end. The state is to be saved when all has been delivered; there is none if what has
    /// been written may not be.
    pub(super) fn read(
        self,
        tick: Option<Duration>,
        shutdown: &Shutdown,
        sink: &Mutex<Box<dyn Sink>>,
    ) -> (Result<Run>, Option<State>) {
        let Self {
            text, mut state, ..
        } = self;
        let every = state.as_ref().map(|_| EVERY);
        let kept = state.as_ref().map(State::positions);
        let feed = self.feed.with_tick(tick.into_iter().chain(every).min());
        let mut put = |out: &Out<'_, Vec<u8>>| {
            match out {
                Out::Made(_, lines) => lock(sink).write(lines)?,
                Out::Idle => lock(sink).tick()?,
            }
            match &mut state {
                Some(state) => state.note(out, sink),
                None => Ok(()),
            }
        };
        let mut is_sound = true;
        let mut write = |out: Out<'_, Vec<u8>>| {
            let done = put(&out);
            is_sound &= done.is_ok();
            done
        };
        let run = match (&self.merge, text.format) {
            (Some(args), _) => merge::read(feed, text, args, shutdown, sink),
            (None, None) => feed.run(feed::records, |event, _| hand_out(event, &mut write)),
            (None, Some(format)) => text::read(feed, format, text, kept, || |_: &mut _| (), write),
        };
        is_sound &= !matches!(run, Err(Error::ReaderLeft));
        (run, state.filter(|_| is_sound))
    }
}
