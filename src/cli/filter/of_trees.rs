//! `-t ID`: the records of these requests, as `dl-tree` puts them into trees.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    expr::{Expr, Judge, Judgement},
    record::{Reader, Record},
    tree::{Requests, marks, meant},
};

/// Selects the records that name any of these requests.
pub(super) fn of_trees(ids: &[String]) -> Expr {
    let wanted = ids.iter().flat_map(|id| meant(id)).collect();
    Expr::of_trees(ids, Arc::new(OfTrees(Arc::new(wanted))))
}

#[derive(Debug)]
struct OfTrees(Arc<BTreeSet<String>>);

impl Judge for OfTrees {
    fn ask(&self, reader: &mut Reader) -> Arc<dyn Judgement> {
        Arc::new(Asked {
            requests: Requests::ask(reader),
            wanted: Arc::clone(&self.0),
        })
    }

    fn marks(&self) -> Option<Vec<String>> {
        marks(&self.0.iter().cloned().collect::<Vec<_>>())
    }
}

#[derive(Debug)]
struct Asked {
    requests: Requests,
    wanted: Arc<BTreeSet<String>>,
}

impl Judgement for Asked {
    fn holds(&self, record: &Record<'_, '_>) -> bool {
        self.requests
            .names_any(record, |id| self.wanted.contains(id))
    }
}
