//! How time becomes columns.

use unicode_width::UnicodeWidthStr;

use crate::render::text::duration;

/// Eighths of a column.
pub(super) const EIGHTHS: u64 = 8;
/// What fills a column from the left by so many eighths.
const BLOCKS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// A column that is filled from one eighth to another. There are blocks from the left, and of
/// those that end at the right a half and a thin one.
pub(super) fn block(left: u64, right: u64) -> char {
    let fills = usize::try_from(right).unwrap_or(8).min(8);
    match (left, right) {
        (0, _) => BLOCKS[fills],
        (7.., _) => '▕',
        (3.., _) => '▐',
        (_, 8) => '█',
        _ => BLOCKS[fills],
    }
}

/// How time becomes columns.
pub(super) struct Scale {
    pub(super) start: i64,
    /// Nanoseconds from the first column to behind the last.
    pub(super) length: u64,
    pub(super) columns: u64,
}

impl Scale {
    /// The ticks, each with its time behind `bar`.
    pub(super) fn axis(&self, bar: char) -> String {
        let mut axis = String::new();
        // Room for the label of the one before.
        let most = (self.columns / 9).max(1);
        let step = round_up(self.length / most);
        let mut at = 0;
        while let Some(column) = self.column_of(at) {
            let width = axis.width() as u64;
            let label = if at == 0 {
                format!("{bar}0")
            } else {
                #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
                let label = duration(at as f64 / 1e9);
                format!("{bar}{label}")
            };
            if column >= width && column + label.width() as u64 <= self.columns {
                axis.extend(std::iter::repeat_n(
                    ' ',
                    usize::try_from(column - width).unwrap_or(0),
                ));
                axis += &label;
            }
            let Some(next) = at.checked_add(step) else {
                break;
            };
            at = next;
        }
        axis
    }

    /// The eighth of a column where a time is.
    pub(super) fn eighth(&self, at: i64) -> u64 {
        let eighths = u128::from(self.columns * EIGHTHS);
        let at = u128::from(at.abs_diff(self.start));
        u64::try_from(at * eighths / u128::from(self.length)).unwrap_or(u64::MAX)
    }

    /// The column of a time after the start, if it is one.
    fn column_of(&self, nanos: u64) -> Option<u64> {
        let column = u128::from(nanos) * u128::from(self.columns) / u128::from(self.length);
        u64::try_from(column)
            .ok()
            .filter(|column| *column < self.columns)
    }
}

/// The next 1, 2 or 5 of any power of ten.
fn round_up(nanos: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            match power.checked_mul(factor) {
                Some(round) if round < nanos => {}
                round => return round.unwrap_or(u64::MAX),
            }
        }
        power = match power.checked_mul(10) {
            Some(power) => power,
            None => return u64::MAX,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let check = |nanos, expect| assert_eq!(round_up(nanos), expect, "{nanos}");
        check(0, 1);
        check(3, 5);
        check(7, 10);
        check(1_234_567, 2_000_000);
        check(u64::MAX, u64::MAX);
    }
}
