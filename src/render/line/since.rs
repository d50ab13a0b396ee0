//! What came before: the first record, and the last one of each tree.

use hashlink::LruCache;

use crate::record::Instant;

/// How many trees are remembered: many times those that are under way at the same time.
const TREES: usize = 10_000;

/// Times of records that came before.
pub(super) struct Since {
    first: Option<Instant>,
    last: LruCache<Box<str>, Instant>,
    /// That of the last record without a tree.
    loose: Option<Instant>,
}

impl Default for Since {
    fn default() -> Self {
        Self {
            first: None,
            last: LruCache::new(TREES),
            loose: None,
        }
    }
}

impl Since {
    /// The time of the first record that had one.
    pub(super) fn first(&mut self, at: Option<Instant>) -> Option<Instant> {
        self.first = self.first.or(at);
        self.first
    }

    /// The time of the record of the same tree before this one, whose own is kept.
    pub(super) fn before(&mut self, tree: Option<&str>, at: Option<Instant>) -> Option<Instant> {
        let at = at?;
        let Some(tree) = tree else {
            return self.loose.replace(at);
        };
        if let Some(last) = self.last.get_mut(tree) {
            return Some(std::mem::replace(last, at));
        }
        self.last.insert(tree.into(), at);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tree_has_its_own_record_before() {
        let mut since = Since::default();
        let mut before = |tree, at: i64| since.before(tree, Some(Instant(at))).map(|at| at.0);
        assert_eq!(before(Some("a"), 1), None);
        assert_eq!(before(Some("b"), 2), None);
        assert_eq!(before(None, 3), None);
        assert_eq!(before(Some("a"), 4), Some(1));
        assert_eq!(before(None, 5), Some(3));
        for number in 0..20_000 {
            let tree = number.to_string();
            assert_eq!(since.before(Some(&tree), Some(Instant(number))), None);
        }
        assert_eq!(since.last.len(), TREES);
        assert_eq!(since.first(None), None);
        assert_eq!(since.first(Some(Instant(7))), Some(Instant(7)));
        assert_eq!(since.first(Some(Instant(8))), Some(Instant(7)));
    }
}
