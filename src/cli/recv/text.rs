//! The text side of dl-recv: files in another format than JSON lines.

mod desk;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use self::desk::{Desk, Told};
use super::{
    Batch, Error, Feed, Made, Out, Result, Run, Screen, hand_out,
    held::{Held, Place},
    lock,
    stamps::Stamps,
};
use crate::{
    decode::format::{Decode, Format, NDJSON, Settings},
    pump::Event,
    record::Lines,
    source::{Chunk, Due, Mark, Positions},
};

/// How long a decoder may hold what only might go on. An interpreter looks for the lines of a traceback in files
/// while it writes, which takes milliseconds.
const WHILE: Duration = Duration::from_millis(100);

/// What is known of what lines are.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    /// What they are made records by; `None` if they go on as they are.
    pub(super) format: Option<&'static Format>,
    pub(super) settings: &'t Settings,
    stamps: &'t Stamps,
}

impl<'t> Text<'t> {
    /// Lines of `format`, or records already.
    pub(super) fn new(
        format: Option<&'static Format>,
        settings: &'t Settings,
        stamps: &'t Stamps,
    ) -> Self {
        Self {
            format: format.or(stamps.are_any().then_some(NDJSON)),
            settings,
            stamps,
        }
    }
}

/// Reads all inputs as `format`; `complete` makes what completes each piece of what was made, and
/// `take` gets it; records get what `stamps` tell of their inputs. What still waits for more lines at the end is left to the next run, if it is
/// `kept` where to begin.
pub(super) fn read<T: Made, F: FnMut(&mut T)>(
    feed: Feed,
    format: &Format,
    Text {
        settings, stamps, ..
    }: Text<'_>,
    kept: Option<Positions>,
    complete: impl Fn() -> F + Sync,
    mut take: impl FnMut(Out<'_, T>) -> Result<()> + Send,
) -> Result<Run> {
    let told = Told::new(stamps);
    // Who numbers records has to have seen all before them.
    if !format.joins && !stamps.numbers {
        let worker = |screen| {
            let mut decoder = format.decoder(settings);
            let (told, mut complete) = (&told, complete());
            move |chunk: &mut Chunk, batch: &mut Batch<T>| {
                batch.data.begin();
                decode(&mut *decoder, screen, chunk, batch, told, &mut 0);
                if batch.tally.stop {
                    chunk.end_behind(batch.tally.lines - 1);
                }
                complete(&mut batch.data);
            }
        };
        return feed.run(worker, |event, _| hand_out(event, &mut take));
    }
    let screen = feed.screen();
    // What the decoder holds at the end of all input is asked for when the worker is gone.
    let decoders: Mutex<BTreeMap<u64, Joining>> = Mutex::default();
    let due = Due::default();
    let feed = feed.with_tick_while(&due, WHILE);
    let worker = |screen| {
        let (decoders, due, told, kept) = (&decoders, &due, &told, &kept);
        let mut complete = complete();
        move |chunk: &mut Chunk, batch: &mut Batch<T>| {
            batch.data.begin();
            // Some take turns, others come one after the other.
            let number = chunk.lines_before().map_or(0, |_| chunk.input());
            let mut decoders = lock(decoders);
            let joining = decoders.entry(number).or_insert_with(|| Joining {
                decoder: format.decoder(settings),
                count: numbered(chunk, kept.as_ref()),
                place: Arc::clone(chunk.place()),
                held: Held::default(),
                fed: None,
            });
            if chunk.is_first() {
                joining.finish(screen, batch, told);
                batch.data.end_input();
                joining.place.clone_from(chunk.place());
                joining.count = numbered(chunk, kept.as_ref());
            }
            let decoder = &mut *joining.decoder;
            if batch.tally.stop {
                chunk.set_reached(Vec::new());
            } else {
                let clear = decode(decoder, screen, chunk, batch, told, &mut joining.count);
                // What it stops at is not done with.
                let is_holding = decoder.is_holding() || batch.tally.stop;
                joining.held.note(chunk, is_holding, clear);
                if stamps.numbers {
                    chunk.set_numbered(joining.count);
                }
            }
            joining.feed(due);
            if chunk.is_last() {
                joining.finish(screen, batch, told);
                decoders.remove(&number);
            }
            complete(&mut batch.data);
        }
    };
    let mut run = feed.in_order().run(worker, |event, ledger| {
        if matches!(event, Event::Idle) {
            let mut decoders = lock(&decoders);
            for joining in decoders.values_mut() {
                if let Some((chunk, mut rest)) = joining.let_go(screen, &told) {
                    complete()(&mut rest.data);
                    ledger.absorb(&chunk, &rest.tally)?;
                    take(Out::Made(Some(&chunk), &mut rest.data))?;
                }
            }
            due.set(decoders.values().any(Joining::waits));
        }
        hand_out(event, &mut take)
    })?;
    let mut rest = Batch::<T>::default();
    rest.data.begin();
    let decoders = decoders
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let mut last = Chunk::default();
    let joined = decoders.into_values();
    last.set_reached(finish_all(joined, screen, &mut rest, &told, kept.as_ref()));
    complete()(&mut rest.data);
    run.ledger.absorb_staged(&rest.tally)?;
    take(Out::Made(kept.map(|_| &last), &mut rest.data))?;
    match rest.tally.first_rejected() {
        Some((_, reason)) if rest.tally.stop => Err(Error::Failed(reason.clone())),
        _ => Ok(run),
    }
}

/// The number of the last record that an earlier run has had of an input, by what is `kept`.
fn numbered(chunk: &Chunk, kept: Option<&Positions>) -> u64 {
    let mark = chunk.mark().zip(kept);
    mark.map_or(0, |(mark, kept)| kept.numbered(mark.file()))
}

/// Has decoders hand out what they hold at the end of all input, unless another run finds it by what is
/// `kept`; returns what has been read then.
fn finish_all<T: Made>(
    decoders: impl Iterator<Item = Joining>,
    screen: Screen,
    rest: &mut Batch<T>,
    told: &Told<'_>,
    kept: Option<&Positions>,
) -> Vec<Mark> {
    let mut reached = Vec::new();
    for mut joining in decoders {
        if kept.is_some_and(|kept| joining.held.are_found_again(kept)) {
            continue;
        }
        joining.finish(screen, rest, told);
        let held = joining.held.take();
        if let (Some(kept), true) = (kept, told.numbers()) {
            for mark in &held {
                kept.set_numbered(mark.file(), joining.count);
            }
        }
        reached.extend(held);
    }
    reached
}

/// A decoder that joins lines, and the input that it is in.
struct Joining {
    decoder: Box<dyn Decode>,
    /// How many records the input has had.
    count: u64,
    place: Arc<str>,
    held: Held,
    /// When it got lines last, if some of them wait for more and it has not been told that none come.
    fed: Option<Instant>,
}

impl Joining {
    /// Notes that it has got lines. That nothing waits any more is noticed when it is due.
    fn feed(&mut self, due: &Due) {
        self.fed = self.decoder.is_holding().then(Instant::now);
        if self.waits() {
            due.set(true);
        }
    }

    /// True if it is to be told when nothing more has come for a while.
    fn waits(&self) -> bool {
        self.fed.is_some()
    }

    /// Has it hand out what might go on and has not for a while; the chunk stands for what has been read of that.
    fn let_go<T: Made>(&mut self, screen: Screen, told: &Told<'_>) -> Option<(Chunk, Batch<T>)> {
        self.fed.take_if(|fed| fed.elapsed() >= WHILE)?;
        let mut rest = Batch::<T>::default();
        rest.data.begin();
        let mut desk = Desk::new(screen, &mut rest, told, &self.place, &mut self.count);
        self.decoder.rest(&mut desk);
        let reached = if self.decoder.is_holding() {
            Vec::new()
        } else {
            self.held.take()
        };
        (rest.tally.read > 0).then(|| {
            let mut late = Chunk::late(&self.place, reached);
            if told.numbers() {
                late.set_numbered(self.count);
            }
            (late, rest)
        })
    }

    /// Has the decoder hand out what it holds, because the input has ended.
    fn finish<T: Made>(&mut self, screen: Screen, batch: &mut Batch<T>, told: &Told<'_>) {
        let desk = Desk::new(screen, batch, told, &self.place, &mut self.count);
        self.decoder.finish(&mut desk.behind(&self.place));
    }
}

/// Has the decoder take the lines of a chunk of an input that has had `count` records; returns the last place where it held none of them.
fn decode<T: Made>(
    decoder: &mut dyn Decode,
    screen: Screen,
    chunk: &Chunk,
    batch: &mut Batch<T>,
    told: &Told<'_>,
    count: &mut u64,
) -> Option<Place> {
    let mut desk = Desk::new(screen, batch, told, chunk.place(), count).reading(chunk.bytes());
    let (mut place, mut clear) = ((0, 0), None);
    let mut gaps = chunk.gaps().iter();
    'pieces: loop {
        let gap = gaps.next();
        let end = gap.copied().unwrap_or(chunk.bytes().len());
        for line in Lines::new(&chunk.bytes()[place.0..end]) {
            desk.tally.lines += 1;
            if line.trim_ascii().is_empty() {
                decoder.blank(line, &mut desk);
            } else {
                decoder.line(line, &mut desk);
            }
            if desk.tally.stop {
                if desk.is_apart && !decoder.is_holding() {
                    clear = Some(place);
                }
                break 'pieces;
            }
            if decoder.holds_last_line() {
                clear = Some(place);
            }
            // With the newline, which only the last line of all may not have.
            place = (
                (place.0 + line.len() + 1).min(chunk.bytes().len()),
                place.1 + 1,
            );
            if !decoder.is_holding() {
                clear = Some(place);
            }
        }
        if gap.is_none() {
            break;
        }
        decoder.passed_over(&mut desk);
        if desk.tally.stop {
            break;
        }
    }
    if chunk.is_pausing() && !desk.tally.stop {
        if chunk.takes_turns() {
            // Others wait for it.
            decoder.rest(&mut desk);
        } else {
            decoder.pause(&mut desk);
        }
        if !decoder.is_holding() {
            clear = Some(place);
        }
    }
    clear
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::common::Foreign, decode::format::Take};

    /// Holds what it gets, and counts how often it is told that nothing more has come.
    #[derive(Default)]
    struct Holding(Arc<Mutex<u32>>);

    impl Decode for Holding {
        fn line(&mut self, _line: &[u8], _take: &mut dyn Take) {}

        fn is_holding(&self) -> bool {
            true
        }

        fn rest(&mut self, _take: &mut dyn Take) {
            *lock(&self.0) += 1;
        }
    }

    #[test]
    fn a_decoder_is_told_once_that_nothing_more_has_come() {
        let rested = Arc::default();
        let mut joining = Joining {
            decoder: Box::new(Holding(Arc::clone(&rested))),
            count: 0,
            place: Arc::from("<stdin>"),
            held: Held::default(),
            fed: None,
        };
        assert!(!joining.waits());
        joining.feed(&Due::default());
        assert!(joining.waits());
        let screen = Screen {
            foreign: Foreign::Drop,
            keep: false,
            strict: false,
        };
        let stamps = Stamps::default();
        let told = Told::new(&stamps);
        joining.fed = Instant::now().checked_sub(WHILE);
        for _ in 0..2 {
            joining.let_go::<Vec<u8>>(screen, &told);
            assert!(!joining.waits());
        }
        assert_eq!(*lock(&rested), 1);
    }
}
