//! A tree told again, from its start to its end, for producers that write a record when a scope
//! begins and one when it ends.

use super::{FactReader, Facts};
use crate::tree::{Status, Tree};

/// Who writes down what happens.
pub(super) trait Teller {
    /// A scope begins, inside of the one that is open; what the record says that began it.
    fn open(&mut self, number: usize, start: Option<&Facts<'_>>);

    /// Something happens in the scope that is open.
    fn record(&mut self, facts: &Facts<'_>);

    /// The scope that is open is over, or nothing more is known of it; what the record says that
    /// ended it.
    fn close(&mut self, number: usize, end: Option<&Facts<'_>>);
}

/// A scope that is being told.
struct Open<'a> {
    number: usize,
    /// How many of its records have been told.
    told: usize,
    records: Vec<Option<Facts<'a>>>,
    end: Option<Facts<'a>>,
}

impl Open<'_> {
    fn tell(&mut self, limit: usize, teller: &mut impl Teller) {
        let limit = limit.min(self.records.len());
        for facts in self.records.get_mut(self.told..limit).unwrap_or_default() {
            if let Some(facts) = facts.take() {
                teller.record(&facts);
            }
        }
        self.told = self.told.max(limit);
    }

    fn close(mut self, teller: &mut impl Teller) {
        self.tell(usize::MAX, teller);
        teller.close(self.number, self.end.as_ref());
    }
}

/// Tells a tree; however deep its scopes stand, there is no recursion.
pub(super) fn replay(tree: &Tree<'_>, reader: &mut FactReader, teller: &mut impl Teller) {
    let mut open: Vec<Open<'_>> = Vec::new();
    for (number, node) in tree.nodes.iter().enumerate() {
        while open.len() > node.depth
            && let Some(over) = open.pop()
        {
            over.close(teller);
        }
        if let Some(above) = open.last_mut() {
            above.tell(node.after, teller);
        }
        // A record of a tree was one when the tree was read.
        let records = tree.records_of(node).iter();
        let mut records: Vec<_> = records.map(|line| reader.read(line).ok()).collect();
        let begins = |facts: &&mut Option<Facts<'_>>| {
            let facts = facts.as_ref();
            facts.is_some_and(|facts| facts.is_span() || facts.event.as_deref() == Some("start"))
        };
        let start = records.iter_mut().find(begins).and_then(Option::take);
        let ends = |facts: &&mut Option<Facts<'_>>| {
            let event = facts.as_ref().and_then(|facts| facts.event.as_deref());
            event == Some("end")
        };
        // Where nothing tells how it ended, no end is written, and what ended it is a record as any.
        let is_over = matches!(node.status, Status::Succeeded | Status::Failed);
        let end = records.iter_mut().rfind(ends).filter(|_| is_over);
        let end = end.and_then(Option::take);
        teller.open(number, start.as_ref());
        open.push(Open {
            number,
            told: 0,
            records,
            end,
        });
    }
    while let Some(over) = open.pop() {
        over.close(teller);
    }
}

/// True if all records of a tree are such.
pub(super) fn all_records(
    tree: &Tree<'_>,
    reader: &mut FactReader,
    is_such: impl Fn(&Facts<'_>) -> bool,
) -> bool {
    let mut records = tree.records.iter();
    records.all(|line| reader.read(line).is_ok_and(|facts| is_such(&facts)))
}
