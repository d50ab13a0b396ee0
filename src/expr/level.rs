//! A severity in an expression: a band such as `warning`, or one exact number.
//!
//! Producers have levels between the names (Python's 35, pino's 35, slog's `WARN+2`), and
//! everything shows those by the band that they fall in. So a name means its whole band,
//! and a number, or a name with an offset, means exactly that severity.

use std::fmt;

use super::ast::Order;
use crate::record::{Level, Scale};

/// A severity or a band of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LevelLiteral {
    /// All severities of the name.
    Band(Level),
    /// This one.
    Exact(Level),
}

/// The words that a misspelt one is compared with.
pub(super) const NAMES: [&str; 8] = [
    "trace", "debug", "info", "notice", "warning", "error", "critical", "fatal",
];
/// Where each band of `Level::name` begins.
const BANDS: [u8; 8] = [1, 5, 9, 10, 13, 17, 18, 21];
/// Severities are 1 to 24; one bit each, and room for what lies outside.
const BITS: u8 = 32;

impl LevelLiteral {
    /// Reads a word of any producer, or a number on Python's scale.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return Scale::Python.level(number).map(Self::Exact);
        }
        let level = Level::from_word(text)?;
        let named = !text.contains(|c: char| c.is_ascii_digit());
        Some(if named && BANDS.contains(&level.0) {
            Self::Band(level)
        } else {
            Self::Exact(level)
        })
    }

    /// The severities that compare so with the literal: bit n stands for severity n.
    pub(super) fn mask(self, order: Order) -> u32 {
        let (low, high) = self.range();
        (0..BITS)
            .filter(|&n| match order {
                Order::Equal => (low..=high).contains(&n),
                Order::Less => n < low,
                Order::LessOrEqual => n <= high,
                Order::Greater => n > high,
                Order::GreaterOrEqual => n >= low,
            })
            .fold(0, |mask, n| mask | bit(Level(n)))
    }

    /// The lowest and the highest severity that the literal means.
    pub(super) fn range(self) -> (u8, u8) {
        match self {
            Self::Exact(Level(n)) => (n, n),
            Self::Band(Level(first)) => {
                let next = BANDS.into_iter().find(|&start| start > first);
                let low = if first == BANDS[0] { 0 } else { first };
                (low, next.unwrap_or(BITS) - 1)
            }
        }
    }
}

/// The bit of a mask that stands for `level`.
#[inline]
pub(super) fn bit(level: Level) -> u32 {
    1 << level.0.min(BITS - 1)
}

impl fmt::Display for LevelLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Band(level) => f.write_str(level.name()),
            Self::Exact(level) => {
                let base = BANDS.into_iter().rfind(|&start| start <= level.0);
                write!(f, "{}+{}", level.name(), level.0 - base.unwrap_or(0))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_band_and_a_number_is_itself() {
        let check = |text: &str, order: Order, severity: u8, expect: bool| {
            let literal = LevelLiteral::read(text).expect("a level");
            let holds = literal.mask(order) & bit(Level(severity)) != 0;
            assert_eq!(holds, expect, "{severity} {order} {text}");
        };
        check("warning", Order::Equal, 14, true);
        check("warning", Order::Greater, 14, false);
        check("warning", Order::LessOrEqual, 14, true);
        check("warning", Order::Greater, 17, true);
        check("WARN", Order::GreaterOrEqual, 13, true);
        check("warning", Order::GreaterOrEqual, 12, false);
        check("30", Order::Equal, 13, true);
        check("30", Order::Equal, 14, false);
        check("30", Order::Greater, 14, true);
        check("critical", Order::Equal, 19, true);
        check("alert", Order::Equal, 18, false);
        check("fatal", Order::Equal, 24, true);
        check("trace", Order::GreaterOrEqual, 0, true);
        check("verbose", Order::Equal, 7, true);
        check("debug", Order::Equal, 7, true);
        check("ERROR+4", Order::Equal, 21, true);
    }

    #[test]
    fn every_level_reads_back() {
        let check = |literal: LevelLiteral| {
            let text = literal.to_string();
            assert_eq!(LevelLiteral::read(&text), Some(literal), "{text}");
        };
        (1..=24).map(Level).map(LevelLiteral::Exact).for_each(check);
        BANDS
            .into_iter()
            .map(Level)
            .map(LevelLiteral::Band)
            .for_each(check);
    }
}
