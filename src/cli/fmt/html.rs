//! `dl-fmt --to html`: workers make pieces of data, and the page around them is written in
//! their order.

use super::{Outcome, Result};
use std::borrow::Cow;

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
        // A line that is no record has a place on the page as the message of one.
        let screen = screen.wrapping();
        let mut heads = HtmlHeads::default();
        move |chunk: &mut Chunk, batch: &mut Batch<HtmlPieces>| {
            let Batch { tally, data } = batch;
            data.clear();
            each_bare_line(chunk.bytes(), tally, |line, tally| {
                let line = line.bytes();
                let added = heads.add(line, data);
                let has_place = match screen.keep(line, added, tally) {
                    None => false,
                    Some(Cow::Borrowed(_)) => true,
                    Some(Cow::Owned(wrapped)) => heads.add(&wrapped, data).is_ok(),
                };
                tally.written += u64::from(has_place);
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
