//! The end: what files and sockets have counted, put together and told.

use super::{Ledger, Outcome, Run};
use crate::{
    cli::feed::Left,
    error::{Error, Result},
    sink::Sink,
};

/// Tells what has become of all records, when the sink has been finished, whatever went wrong; the first
/// that did is what is given back. `left` has what was counted of files when reading them failed.
pub(super) fn close(
    read: Result<Option<Run>>,
    (received, ended): (Option<Ledger>, Result<()>),
    others: Result<()>,
    left: &Left,
    sink: &dyn Sink,
) -> Result<Outcome> {
    let mut wrong = None;
    let run = good(read, &mut wrong).flatten();
    good(ended, &mut wrong);
    good(others, &mut wrong);
    let (unfinished, failed) = left.take().unzip();
    let (ledger, failures) = run.map(|run| (run.ledger, run.failures)).unzip();
    let ledgers = ledger.into_iter().chain(unfinished).chain(received);
    let sum = ledgers.reduce(|mut sum, ledger| {
        sum.merge(ledger);
        sum
    });
    let sum = sum.map(|mut sum| {
        sum.settle(sink, failed.unwrap_or(0));
        sum
    });
    match (wrong, sum) {
        (None, Some(sum)) => Ok(match failures {
            None => sum.finish(),
            Some(failures) => Run {
                ledger: sum,
                failures,
            }
            .finish(),
        }),
        (None, None) => Ok(Outcome::Done),
        (Some(wrong), sum) => {
            // What has been counted is said even so, but to nobody who has left.
            if let Some(mut sum) = sum.filter(|_| !matches!(wrong, Error::ReaderLeft)) {
                sum.balance();
                sum.finish();
            }
            Err(wrong)
        }
    }
}

/// What there is, if nothing went wrong; what did is kept, if it is the first.
fn good<T>(result: Result<T>, wrong: &mut Option<Error>) -> Option<T> {
    match result {
        Ok(good) => Some(good),
        Err(error) => {
            wrong.get_or_insert(error);
            None
        }
    }
}
