//! The memo: values that the pickle stores under a number and fetches again.
//!
//! Python numbers entries from 0 (the C code of Python 2 from 1) without gaps, so they live in
//! a vector. A pickle may name any number all the same; what lies far past the end goes to a
//! hash table, so that one `LONG_BINPUT 4294967295` does not reserve 64 GiB.

use std::collections::HashMap;

use super::{
    error::{PickleError, Result},
    value::Value,
};

/// How many numbers may be skipped before an entry counts as far past the end. One would do
/// for Python 2; eight costs nothing.
const GAP: usize = 8;

/// Numbered values, at most as many as the limit.
#[derive(Default)]
pub(super) struct Memo {
    /// Entries 0, 1, 2 … with few gaps.
    dense: Vec<Option<Value>>,
    /// Entries whose number was far past the end of `dense`. As soon as there is one, `dense`
    /// grows no more, so that no number stands in both.
    sparse: HashMap<u64, Value>,
    /// Entries in both.
    count: usize,
}

impl Memo {
    /// Forgets all entries and keeps the room of the dense ones up to `keep`.
    pub(super) fn clear(&mut self, keep: usize) {
        self.dense.clear();
        self.dense.shrink_to(keep);
        if self.sparse.capacity() > 0 {
            self.sparse = HashMap::new();
        }
        self.count = 0;
    }

    /// How many entries there are, which is the number that MEMOIZE gives to the next.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Stores `value` under `number`, over what was there.
    #[inline]
    pub(super) fn put(&mut self, number: u64, value: Value, limit: usize) -> Result<()> {
        let full = self.count >= limit;
        match usize::try_from(number) {
            Ok(i) if i == self.dense.len() && self.sparse.is_empty() && !full => {
                self.dense.push(Some(value));
                self.count += 1;
                Ok(())
            }
            _ => self.put_elsewhere(number, value, limit),
        }
    }

    /// Stores an entry that is not simply the next.
    fn put_elsewhere(&mut self, number: u64, value: Value, limit: usize) -> Result<()> {
        let i = usize::try_from(number).unwrap_or(usize::MAX);
        let near = i < self.dense.len().saturating_add(GAP) && self.sparse.is_empty();
        let old = if i < self.dense.len() {
            self.dense[i].replace(value)
        } else if self.count >= limit && !self.sparse.contains_key(&number) {
            return Err(PickleError::MemoFull { limit });
        } else if near {
            self.dense.resize(i, None);
            self.dense.push(Some(value));
            None
        } else {
            self.sparse.insert(number, value)
        };
        self.count += usize::from(old.is_none());
        Ok(())
    }

    /// The value stored under `number`.
    #[inline]
    pub(super) fn get(&self, number: u64) -> Option<Value> {
        let i = usize::try_from(number).unwrap_or(usize::MAX);
        match self.dense.get(i) {
            Some(entry) => *entry,
            None => self.sparse.get(&number).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_numbers_take_no_room_and_count_like_others() {
        let mut memo = Memo::default();
        assert_eq!(memo.put(1, Value::Int(1), 3), Ok(()));
        assert_eq!(memo.put(u64::MAX, Value::Int(2), 3), Ok(()));
        assert_eq!(memo.put(2, Value::Int(3), 3), Ok(()));
        assert_eq!(memo.put(2, Value::Int(4), 3), Ok(()));
        assert_eq!(memo.len(), 3);
        let full = Err(PickleError::MemoFull { limit: 3 });
        assert_eq!(memo.put(3, Value::Int(5), 3), full);
        assert!(memo.get(0).is_none());
        assert!(matches!(memo.get(2), Some(Value::Int(4))));
        assert!(matches!(memo.get(u64::MAX), Some(Value::Int(2))));
        assert!(memo.dense.capacity() < 64);
    }
}
