//! The text side of dl-recv: files in another format than JSON lines.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Batch, Error, Event, Feed, Flow, Ledger, Program, RecvArgs, Result, Run, Screen, Sink, lock,
    say,
};
use crate::{
    cli::{feed::Stray, ledger::Tally},
    decode::format::{Decode, Format, Settings, Take},
    record::Lines,
    source::Chunk,
};

/// Reads all inputs as `format` and writes the records to `sink`.
pub(super) fn read(
    feed: Feed,
    format: &Format,
    settings: &Settings,
    sink: &Mutex<Box<dyn Sink>>,
) -> Result<Run> {
    let notes = Notes::default();
    let deliver = |event: Event<'_, Chunk, Vec<u8>>, _: &mut Ledger| {
        match event {
            Event::Done(_, lines) => lock(sink).write(lines)?,
            Event::Idle => lock(sink).tick()?,
        }
        Ok(Flow::Continue)
    };
    if !format.joins {
        let worker = |screen| {
            let mut decoder = (format.decoder)(settings);
            let notes = &notes;
            move |chunk: &mut Chunk, batch: &mut Batch<Vec<u8>>| {
                batch.data.clear();
                decode(&mut *decoder, screen, chunk, batch, notes);
            }
        };
        return feed.run(worker, deliver);
    }
    let screen = feed.screen();
    // What the decoder holds at the end of all input is asked for when the worker is gone.
    let decoder = Mutex::new(((format.decoder)(settings), Arc::from("")));
    let worker = |screen| {
        let (decoder, notes) = (&decoder, &notes);
        move |chunk: &mut Chunk, batch: &mut Batch<Vec<u8>>| {
            batch.data.clear();
            let mut decoder = lock(decoder);
            let (decoder, place) = &mut *decoder;
            if chunk.is_first() {
                finish(&mut **decoder, screen, place, batch, notes);
                place.clone_from(chunk.place());
            }
            if !batch.tally.stop {
                decode(&mut **decoder, screen, chunk, batch, notes);
            }
        }
    };
    let mut run = feed.in_order().run(worker, deliver)?;
    let mut rest = Batch::default();
    let (mut decoder, place) = decoder.into_inner().unwrap_or_else(PoisonError::into_inner);
    finish(&mut *decoder, screen, &place, &mut rest, &notes);
    run.ledger.absorb_staged(&rest.tally)?;
    lock(sink).write(&rest.data)?;
    match rest.tally.first_rejected() {
        Some((_, reason)) if rest.tally.stop => Err(Error::Failed(reason.clone())),
        _ => Ok(run),
    }
}

/// What has been said.
type Notes = Mutex<BTreeSet<&'static str>>;

fn decode(
    decoder: &mut dyn Decode,
    screen: Screen,
    chunk: &Chunk,
    batch: &mut Batch<Vec<u8>>,
    notes: &Notes,
) {
    for line in Lines::new(chunk.bytes()) {
        batch.tally.lines += 1;
        let mut desk = Desk {
            screen,
            ended: None,
            notes,
            tally: &mut batch.tally,
            out: &mut batch.data,
        };
        if line.trim_ascii().is_empty() {
            decoder.blank(line, &mut desk);
        } else {
            decoder.line(line, &mut desk);
        }
        if batch.tally.stop {
            break;
        }
    }
}

/// Has the decoder hand out what it holds, because the input at `place` has ended.
fn finish(
    decoder: &mut dyn Decode,
    screen: Screen,
    place: &str,
    batch: &mut Batch<Vec<u8>>,
    notes: &Notes,
) {
    decoder.finish(&mut Desk {
        screen,
        ended: Some(place),
        notes,
        tally: &mut batch.tally,
        out: &mut batch.data,
    });
}

/// Where a decoder's records and rejects are counted and written.
struct Desk<'b> {
    screen: Screen,
    /// The input that has ended: then there is no line to name.
    ended: Option<&'b str>,
    notes: &'b Notes,
    tally: &'b mut Tally,
    out: &'b mut Vec<u8>,
}

impl Take for Desk<'_> {
    fn record(&mut self, json: &[u8]) {
        self.tally.read += 1;
        self.tally.write(json, self.out);
    }

    fn note(&mut self, words: &'static str) {
        if lock(self.notes).insert(words) {
            say(RecvArgs::NAME, words);
        }
    }

    fn reject(&mut self, bytes: &[u8], reason: &str) {
        self.tally.read += 1;
        let reason = match self.ended {
            None => reason.to_owned(),
            Some(place) => format!("the end of {place}: {reason}"),
        };
        let stray = self.screen.stray(bytes, &reason, self.tally);
        match stray {
            Stray::Gone => {}
            Stray::Pass => self.tally.write(bytes, self.out),
            Stray::Wrapped(record) => self.tally.write(&record, self.out),
        }
    }
}
