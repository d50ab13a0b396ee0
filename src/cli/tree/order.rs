//! The order in which trees are written.

use clap::ValueEnum;

use super::Tree;
use crate::record::Instant;

/// What trees are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Order {
    /// As their first records came
    Input,
    /// When they began; the same whatever the order of the input
    Start,
    /// When they ended
    End,
    /// How long they took, the longest first
    Duration,
}

/// Text that sorts as the trees do.
pub(super) type SortKey = Vec<u8>;

impl Order {
    /// The key of a tree. Trees of one key are told apart by their ids.
    pub(super) fn key(self, tree: &Tree<'_>) -> SortKey {
        let time = |time: Option<Instant>| time.map_or(i64::MAX, |Instant(nanos)| nanos);
        let number = match self {
            Self::Input => 0,
            Self::Start => time(tree.start),
            Self::End => time(tree.end),
            Self::Duration => match (tree.duration, tree.start) {
                (Some(seconds), Some(start)) => start.0.saturating_sub(start.after(seconds).0),
                _ => i64::MAX,
            },
        };
        sortable(number, tree.id.as_bytes())
    }
}

/// A number and a text, as bytes that sort as they do.
fn sortable(number: i64, text: &[u8]) -> SortKey {
    // Without its sign a number sorts as its bytes.
    let number = number.cast_unsigned() ^ (1 << 63);
    [&number.to_be_bytes(), text].concat()
}

/// The key of a tree whose first record has that number.
pub(super) fn by_first(first: u64) -> SortKey {
    first.to_be_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_numbers_do() {
        let numbers = [i64::MIN, -5, -1, 0, 1, 300, i64::MAX];
        let keys: Vec<_> = numbers.iter().map(|&n| sortable(n, b"x")).collect();
        assert!(keys.is_sorted());
        assert!(sortable(1, b"a") < sortable(1, b"b"));
        assert!(by_first(255) < by_first(256));
    }
}
