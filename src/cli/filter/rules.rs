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

use clap::Args;

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
        common::{Foreign, InputArgs, parse_duration},
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

/// The flags of routing.
#[derive(Args, Debug)]
pub(super) struct RulesArgs {
    /// Send each record where the rules in FILE say
    ///
    /// FILE is YAML, as dl-rules(7) tells: what each rule takes, to which files, sockets and
    /// programs it goes, and what is done to it before. EXPR and the flags that are short for
    /// one select before the rules. SIGHUP has FILE read anew; if it is wrong then, that is
    /// said, and the old rules stay. Rules have cleaning of their own, so the flags of that
    /// cannot be used beside it.
    #[arg(long, value_name = "FILE", conflicts_with_all =
        ["max_count", "count", "quiet", "files_with_matches", "whole_tree", "after_context",
        "before_context", "context", "jq", "jq_file", "redact", "sample", "throttle", "dedup"])]
    pub(super) rules: Option<String>,

    /// Check the file of --rules, say what stands in it, and exit
    #[arg(long, requires = "rules", hide_short_help = true)]
    pub(super) check: bool,

    /// How long to try to deliver what is left at the end, with --rules
    ///
    /// The units are ms, s, m and h. It begins with the end of the input: as long as there is
    /// more to read, a destination that takes nothing is waited for. A program of exec: that has
    /// not ended by then is ended.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    #[arg(requires = "rules", hide_short_help = true)]
    pub(super) linger: Duration,
}

/// What a run with rules needs to know of the flags.
pub(super) struct Routing<'r> {
    pub(super) path: &'r str,
    pub(super) flags: &'r RulesArgs,
    pub(super) selection: Expr,
    pub(super) invert: bool,
    pub(super) exit_status: bool,
    pub(super) input: &'r InputArgs,
}

impl Routing<'_> {
    pub(super) fn run(self, shutdown: Shutdown) -> Result<Outcome> {
        if self.flags.check {
            let rules = source::read(self.path)?;
            source::warn(self.path, &rules);
            Stdout::open()?.write(summary::summary(self.path, &rules).as_bytes())?;
            return Ok(Outcome::Done);
        }
        let inputs = self.input.endpoints()?;
        let file = RuleFile {
            path: self.path,
            selection: self.selection,
            invert: self.invert,
            inputs: [&inputs[..], &[Endpoint::File(self.path.into())]].concat(),
            lines: &self.input.lines,
        };
        let reload = Reload::on_hangup(&shutdown)
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
            linger: self.flags.linger,
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
        let (ran, mut run) = feed.run_to_end(worker, |event, ledger| {
            match event {
                Event::Done(chunk, routed) => delivery.chunk(chunk, routed, ledger)?,
                Event::Idle => delivery.idle()?,
            }
            Ok(Flow::Continue)
        });
        // What has been read is delivered, and what was rejected is said, whatever went wrong.
        let finished = delivery.finish();
        let undelivered = delivery.count_undelivered();
        if self.input.lines.stats {
            delivery.tell_counts();
        }
        run.ledger.balance();
        run.ledger.undeliver(undelivered);
        let outcome = match ran {
            Ok(()) => {
                let outcome = run.finish();
                finished.map(|()| outcome)
            }
            Err(error) => {
                // What was rejected is said even so, but to nobody who has left.
                if !matches!(error, Error::ReaderLeft) {
                    run.ledger.finish();
                }
                worst(Err(error), finished).map(|()| Outcome::Done)
            }
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
