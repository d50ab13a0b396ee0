//! dl-filter --rules: records go where a file of rules says.
//!
//! Workers ask the rules about the records of their chunks side by side and prepare what goes
//! to each destination; the delivery, in the order of the input, thins out what has a rate,
//! writes, and reads the rules anew when a signal asks for it.

mod delivery;
mod outlets;
mod source;
mod summary;
mod table;
mod work;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use self::{
    delivery::Delivery,
    outlets::{Opening, Outlets, endpoints, worst},
    source::RuleFile,
    work::{Routed, Work, current},
};
use super::FilterArgs;
use crate::{
    cli::{
        Outcome, Program,
        common::{Foreign, InputArgs},
        feed::{Batch, Feed, Screen},
    },
    endpoint::Endpoint,
    error::{Error, Result},
    expr::Expr,
    pump::{Event, Flow},
    shutdown::{Reload, Shutdown},
    sink::{self, Sink, Stdout},
    source::Chunk,
};

/// What a run with rules needs to know of the flags.
pub(super) struct Routing<'r> {
    pub(super) path: &'r str,
    pub(super) selection: Expr,
    pub(super) invert: bool,
    pub(super) linger: Duration,
    pub(super) exit_status: bool,
    pub(super) input: &'r InputArgs,
}

/// Checks a file of rules and tells what stands in it.
pub(super) fn check(path: &str) -> Result<Outcome> {
    let rules = source::read(path)?;
    Stdout::open()?.write(summary::summary(path, &rules).as_bytes())?;
    Ok(Outcome::Done)
}

impl Routing<'_> {
    pub(super) fn run(self, shutdown: Shutdown) -> Result<Outcome> {
        let inputs = self.input.endpoints()?;
        let file = RuleFile {
            path: self.path,
            selection: self.selection,
            invert: self.invert,
            inputs: [&inputs[..], &[Endpoint::File(self.path.into())]].concat(),
            lines: &self.input.lines,
        };
        let reload = Reload::on_hangup()
            .map_err(|error| Error::Failed(format!("cannot watch signals: {error}")))?;
        let table = Arc::new(file.load(0)?);
        let outputs = endpoints(&table.rules.destinations);
        crate::cli::feed::refuse_overlap(&file.inputs, file.lines, &outputs)?;
        let feed = Feed::over(
            FilterArgs::NAME,
            inputs,
            &self.input.lines,
            Foreign::Drop,
            shutdown.clone(),
            &outputs,
        )?
        .with_tick(Some(sink::TICK))
        .with_reload(reload.clone());
        let opening = Opening {
            linger: self.linger,
            shutdown,
            patient: false,
        };
        let outlets = Outlets::open(&table.rules.destinations, opening)?;
        let now = Mutex::new(table);
        let mut delivery = Delivery::new(&file, &now, reload, outlets, feed.screen());
        let worker = |screen: Screen| {
            let mut work = Work::new(current(&now), screen);
            let now = &now;
            move |chunk: &mut Chunk, batch: &mut Batch<Routed>| work.chunk(now, chunk, batch)
        };
        let ran = feed.run(worker, |event, ledger| {
            match event {
                Event::Done(chunk, routed) => delivery.chunk(chunk, routed, ledger)?,
                Event::Idle => delivery.idle()?,
            }
            Ok(Flow::Continue)
        });
        // What has been read is delivered, and what was rejected is said, whatever went wrong.
        let finished = delivery.finish();
        if self.input.lines.stats {
            delivery.tell_counts();
        }
        let outcome = match ran {
            Ok(mut run) => {
                run.ledger.balance();
                let outcome = run.finish();
                finished.map(|()| outcome)
            }
            Err(error) => worst(Err(error), finished).map(|()| Outcome::Done),
        }?;
        if delivery.outlets.failed {
            return Ok(Outcome::Incomplete(2));
        }
        let empty = self.exit_status && delivery.written() == 0 && outcome == Outcome::Done;
        Ok(if empty {
            Outcome::NothingSelected
        } else {
            outcome
        })
    }
}
