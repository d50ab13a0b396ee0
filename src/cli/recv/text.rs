//! The text side of dl-recv: files in another format than JSON lines.

use std::{collections::BTreeSet, sync::Mutex};

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
    let decoder = Mutex::new((format.decoder)(settings));
    let worker = |screen| {
        let (decoder, notes) = (&decoder, &notes);
        move |chunk: &mut Chunk, batch: &mut Batch<Vec<u8>>| {
            batch.data.clear();
            let mut decoder = lock(decoder);
            if chunk.is_first() {
                finish(&mut **decoder, screen, batch, notes);
            }
            if !batch.tally.stop {
                decode(&mut **decoder, screen, chunk, batch, notes);
            }
        }
    };
    let mut run = feed.in_order().run(worker, deliver)?;
    let mut rest = Batch::default();
    finish(&mut **lock(&decoder), screen, &mut rest, &notes);
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
            at_end: false,
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

/// Has the decoder hand out what it holds, because an input has ended.
fn finish(decoder: &mut dyn Decode, screen: Screen, batch: &mut Batch<Vec<u8>>, notes: &Notes) {
    decoder.finish(&mut Desk {
        screen,
        at_end: true,
        notes,
        tally: &mut batch.tally,
        out: &mut batch.data,
    });
}

/// Where a decoder's records and rejects are counted and written.
struct Desk<'b> {
    screen: Screen,
    /// Whether an input has ended, which the line number does not tell.
    at_end: bool,
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
        let place = if self.at_end {
            "at the end of an input: "
        } else {
            ""
        };
        let reason = format!("{place}{reason}");
        let stray = self.screen.stray(bytes, &reason, self.tally);
        match stray {
            Stray::Gone => {}
            Stray::Pass => self.tally.write(bytes, self.out),
            Stray::Wrapped(record) => self.tally.write(&record, self.out),
        }
    }
}
