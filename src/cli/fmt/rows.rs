//! Records and trees as rows, and the flag that says of which columns.

use clap::Args;

use super::{
    pager::Outlet,
    view::{View, word},
};
use crate::{
    cli::{
        Outcome,
        feed::{self, Feed, wrap},
    },
    error::{Error, Result},
    expr::Misnamed,
    pump::{Event, Flow},
    record::Lines,
    render::{Columns, Table},
    tree,
};

/// What stands in rows.
#[derive(Args, Debug)]
pub(super) struct RowArgs {
    /// The columns of a table and the like, with commas between them
    ///
    /// Of table, csv, tsv, md and json. Fields are named as in expressions, with HEAD= before one that is to be called otherwise:
    /// time,level,status=.http.status. Records and trees are rows of one table then. Lines that are
    /// no records are counted as rejected, unless --foreign says otherwise.
    #[arg(long, value_name = "FIELDS")]
    columns: Option<String>,
}

impl RowArgs {
    /// The columns, if they are said and what is shown has such.
    pub(super) fn columns(&self, to: Option<View>, computes: bool) -> Result<Option<Columns>> {
        let Some(list) = &self.columns else {
            return Ok(None);
        };
        if computes {
            return Err(Error::Misused {
                reason: "--columns is about records and trees, and groups are shown".into(),
                hint: "the columns of groups are those of --by and --agg",
            });
        }
        if let Some(to) = to
            && to.format().is_none()
        {
            return Err(Error::Misused {
                reason: format!("--to {} has no columns", word(&to)),
                hint: "use --to table, csv, tsv, md or json; of lines --template says what stands there",
            });
        }
        let wrong = |wrong: Misnamed| Error::Usage(format!("--columns: {wrong}; {}", wrong.hint));
        Columns::parse(list).map(Some).map_err(wrong)
    }
}

/// Shows all input as rows.
pub(super) fn run(feed: Feed, mut table: Table, mut outlet: Outlet) -> Result<Outcome> {
    let mut out = Vec::new();
    // Rows depend on those before them, so the workers only hand the lines over.
    let worker = |screen: feed::Screen| feed::records(screen.wrapping());
    let run = feed.run(worker, |event, _| {
        if let Event::Done(_, lines) = event {
            for line in Lines::new(lines) {
                if table.record(line, &mut out) == Ok(false) {
                    if let Ok(tree) = tree::read(line) {
                        table.tree(&tree, &mut out);
                    } else if let Some(summary) = tree::read_summary(line) {
                        table.summary(&summary, &mut out);
                    } else {
                        // It says that it is a tree and is none: a row all the same.
                        let _ = table.record(&wrap(line), &mut out);
                    }
                }
            }
            outlet.write(&out)?;
            out.clear();
        }
        Ok(Flow::Continue)
    });
    let rest = if run.is_ok() {
        table.finish(&mut out);
        outlet.write(&out)
    } else {
        Ok(())
    };
    outlet.close()?;
    let run = run?;
    rest?;
    Ok(run.finish())
}
