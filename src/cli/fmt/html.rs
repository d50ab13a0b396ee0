//! `dl-fmt --to html`: workers make pieces of data, and the page around them is written in
//! their order.

use super::{Outcome, Result};
use crate::{
    cli::feed::{Batch, Feed, Screen, each_bare_line},
    pump::{Event, Flow},
    render::{HtmlHeads, HtmlPage, HtmlPieces},
    sink::{Sink, Stdout},
    source::Chunk,
};

/// Writes a page of all trees and records; it first shows the records that `shown` names.
pub(super) fn run(feed: Feed, shown: &str) -> Result<Outcome> {
    let worker = |screen: Screen| {
        let mut heads = HtmlHeads::default();
        move |chunk: &mut Chunk, batch: &mut Batch<HtmlPieces>| {
            let Batch { tally, data } = batch;
            data.clear();
            each_bare_line(chunk.bytes(), tally, |line, tally| {
                let line = line.bytes();
                let Err(bad) = heads.add(line, data) else {
                    tally.written += 1;
                    return;
                };
                // A line that is no record has a place on the page as the message of one.
                if let Some(record) = screen.stray(line, &bad, tally).into_record(line)
                    && heads.add(&record, data).is_ok()
                {
                    tally.written += 1;
                }
            });
        }
    };
    let mut stdout = Stdout::open()?;
    let mut page = HtmlPage::default();
    let mut out = Vec::new();
    page.begin(shown, &mut out);
    let run = feed.run(worker, |event, _| {
        if let Event::Done(_, pieces) = event {
            page.add(pieces, &mut out);
        }
        if !out.is_empty() {
            stdout.write(&out)?;
            out.clear();
        }
        Ok(Flow::Continue)
    })?;
    page.finish(&mut out);
    stdout.write(&out)?;
    Ok(run.finish())
}
