//! What a worker does with a chunk: it claims each record for its tree, takes documents of
//! several records apart, and passes on what is not collected.

use super::{
    Loose, TreeArgs,
    writer::{Pen, Writer},
};
use crate::{
    cli::{
        feed::{Batch, Screen, each_bare_line},
        ledger::Tally,
    },
    decode::explode::{DOCUMENTS, Exploded},
    record::Malformed,
    source::Chunk,
    tree::{self, Claimer, Claims, Kind},
};

/// What a worker makes of a chunk: claims on records, and lines to pass on at once.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    pub(super) claims: Claims,
    /// The chunk, and behind it the records of its documents; nothing if it is the chunk alone.
    pub(super) bytes: Vec<u8>,
    pub(super) pass: Vec<u8>,
    pub(super) loose: u64,
    /// True if there is a tree in the chunk.
    pub(super) has_tree: bool,
    /// The records of documents.
    parts: Vec<u8>,
    /// How many more claims there are than records that were read.
    surplus: u64,
}

impl Claimed {
    /// How many of the records that were read are in trees: a document is one.
    pub(super) fn written(&self) -> u64 {
        self.claims.len() as u64 - self.surplus
    }

    fn clear(&mut self) {
        self.claims.clear();
        self.pass.clear();
        self.parts.clear();
        self.loose = 0;
        self.has_tree = false;
        self.surplus = 0;
    }
}

/// A worker.
pub(super) struct Worker<'w> {
    claimer: Claimer,
    screen: Screen,
    loose: Loose,
    /// True if bytes are kept that are the chunk's alone.
    keeps: bool,
    /// Writes the trees of the input, unless they are passed on as they are.
    pen: Option<Pen<'w>>,
    exploded: Exploded,
}

impl<'w> Worker<'w> {
    pub(super) fn new(
        claimer: Claimer,
        screen: Screen,
        args: &TreeArgs,
        writer: &'w Writer,
    ) -> Self {
        Self {
            claimer: claimer.with_documents(&DOCUMENTS),
            screen,
            loose: args.loose,
            keeps: args.live.live_window.is_some(),
            pen: (!writer.is_plain()).then(|| writer.pen()),
            exploded: Exploded::default(),
        }
    }

    /// Claims the records of a chunk.
    pub(super) fn claim(&mut self, chunk: &mut Chunk, batch: &mut Batch<Claimed>) {
        let Batch { tally, data } = batch;
        data.clear();
        let mut start = 0;
        let end = chunk.bytes().len();
        each_bare_line(chunk.bytes(), tally, |whole, tally| {
            let line = whole.bytes();
            let claimed = self.claimer.claim(whole, start, &mut data.claims);
            let claimed = match claimed {
                Ok(Kind::Document) => self.document(line, start, end, data),
                Err(bad) if line.trim_ascii_start().starts_with(b"[") => {
                    if self.explode(line, end, data) {
                        Ok(Kind::Claimed)
                    } else {
                        Err(bad)
                    }
                }
                claimed => claimed,
            };
            self.other(line, claimed, data, tally);
            start += line.len() + 1;
        });
        // Who collects it all takes the chunk as it is, but what has been made of it belongs behind it.
        let keeps = self.keeps || !data.parts.is_empty();
        data.bytes = if keeps && !data.claims.is_empty() {
            chunk.take()
        } else {
            Vec::new()
        };
        data.bytes.extend_from_slice(&data.parts);
    }

    /// Does with a line that was not claimed what the user wants.
    fn other(
        &mut self,
        line: &[u8],
        claimed: Result<Kind, Malformed>,
        data: &mut Claimed,
        tally: &mut Tally,
    ) {
        match claimed {
            Ok(Kind::Claimed) => {}
            Ok(Kind::Tree) => self.pass_tree(line, data, tally),
            Ok(Kind::Loose | Kind::Document) => {
                data.loose += 1;
                if self.loose == Loose::Pass {
                    tally.write(line, &mut data.pass);
                } else {
                    tally.filtered += 1;
                }
            }
            Err(bad) => {
                if let Some(line) = self.screen.keep(line, Err(bad), tally) {
                    tally.write(&line, &mut data.pass);
                }
            }
        }
    }

    /// Claims the records of a line that looks like a document, or the line itself.
    fn document(
        &mut self,
        line: &[u8],
        start: usize,
        end: usize,
        data: &mut Claimed,
    ) -> Result<Kind, Malformed> {
        if self.explode(line, end, data) {
            return Ok(Kind::Claimed);
        }
        self.claimer.claim_record(line, start, &mut data.claims)
    }

    /// Claims the records of a document, which come to stand behind the `end` of the chunk;
    /// false if none of them belongs to a tree.
    fn explode(&mut self, line: &[u8], end: usize, data: &mut Claimed) -> bool {
        if !self.exploded.read(line) {
            return false;
        }
        let bytes = self.exploded.bytes();
        let start = end + data.parts.len();
        if u32::try_from(start + bytes.len()).is_err() {
            return false;
        }
        let before = data.claims.len();
        let mut left = Vec::new();
        for record in self.exploded.records() {
            let (at, record) = (start + record.start, &bytes[record.clone()]);
            let claimed = self.claimer.claim_record(record, at, &mut data.claims);
            if !matches!(claimed, Ok(Kind::Claimed)) {
                left.push(record);
            }
        }
        let claims = (data.claims.len() - before) as u64;
        if claims == 0 {
            return false;
        }
        data.parts.extend_from_slice(bytes);
        data.surplus += claims - 1;
        data.loose += left.len() as u64;
        if self.loose == Loose::Pass {
            for record in left {
                data.pass.extend_from_slice(record);
                data.pass.push(b'\n');
            }
        }
        true
    }

    /// Passes a finished tree on, in the form that is asked for.
    fn pass_tree(&mut self, line: &[u8], data: &mut Claimed, tally: &mut Tally) {
        data.has_tree = true;
        let Some(pen) = &mut self.pen else {
            return tally.write(line, &mut data.pass);
        };
        match tree::read(line) {
            Ok(mut tree) => {
                if pen.render(&mut tree, &mut data.pass) {
                    tally.written += 1;
                } else {
                    tally.filtered += 1;
                }
            }
            Err(_) => tally.write(line, &mut data.pass),
        }
    }
}
