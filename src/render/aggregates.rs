//! What was computed of groups of records, as rows.

use serde_json::{Value, json};

use super::{
    grid::{Entry, Format, Grid},
    style::Style,
    text::{duration, sanitize},
};
use crate::aggregate::{Cell, Rows};

/// The row of the groups that are not told apart.
const OTHERS: &str = "(others)";
/// How high a count is, from none to the most.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_BARS: [char; 9] = [' ', '.', '.', ':', '-', '=', '+', '*', '#'];

/// Appends the rows.
pub fn aggregates(rows: &Rows, format: Format, style: &Style, out: &mut Vec<u8>) {
    let most = rows.rows.iter().flatten().map(highest).max().unwrap_or(0);
    let entries: Vec<Vec<Entry>> = rows
        .rows
        .iter()
        .map(|row| row.iter().map(|cell| entry(cell, most, style)).collect())
        .collect();
    let columns = rows.head.len();
    let counts = |column: usize| {
        let mut cells = rows.rows.iter().map(|row| &row[column]);
        cells.any(|cell| matches!(cell, Cell::Counts(_)))
    };
    let mut grid = Grid {
        format,
        head: rows
            .head
            .iter()
            .map(|head| sanitize(head).into_owned())
            .collect(),
        right: (rows.keys..columns)
            .filter(|&column| !counts(column))
            .collect(),
        texts: 0,
        begun: false,
    };
    grid.write(&entries, style, out);
    if rows.left > 0 && format == Format::Table {
        out.extend_from_slice(format!("and {} more\n", rows.left).as_bytes());
    }
}

fn highest(cell: &Cell) -> u64 {
    match cell {
        Cell::Counts(counts) => counts.iter().copied().max().unwrap_or(0),
        _ => 0,
    }
}

fn entry(cell: &Cell, most: u64, style: &Style) -> Entry {
    let (text, value) = match cell {
        Cell::None => ("-".to_owned(), Value::Null),
        Cell::Others => (OTHERS.to_owned(), OTHERS.into()),
        Cell::Text(text) => (sanitize(text).into_owned(), text.as_str().into()),
        Cell::Count(count) => (count.to_string(), (*count).into()),
        Cell::Number(number) => (short(*number), exact(*number)),
        Cell::Share(share) => (format!("{:.1} %", share * 100.0), exact(*share)),
        Cell::Seconds(seconds) => (duration(*seconds), exact(*seconds)),
        Cell::Time(at) => (
            style.times.text(Some(*at)).into_owned(),
            at.to_rfc3339().into(),
        ),
        Cell::Counts(counts) => {
            let bars = if style.ascii { ASCII_BARS } else { BARS };
            let bar = |&count: &u64| {
                let steps = bars.len() as u64 - 1;
                let height = (count.saturating_mul(steps)).div_ceil(most.max(1));
                bars[usize::try_from(height).unwrap_or(0).min(bars.len() - 1)]
            };
            (counts.iter().map(bar).collect(), json!(counts))
        }
    };
    Entry {
        text,
        value: value.into(),
    }
}

/// A number with as many digits as one reads.
fn short(number: f64) -> String {
    let size = number.abs();
    if is_whole(number) {
        format!("{number:.0}")
    } else if (1e-3..1e15).contains(&size) {
        let digits: usize = match size {
            1000.0.. => 0,
            100.0.. => 1,
            10.0.. => 2,
            _ => 3,
        };
        format!("{number:.digits$}")
    } else {
        format!("{number:.2e}")
    }
}

/// A number as it is, without a fraction if it has none.
fn exact(number: f64) -> Value {
    if is_whole(number) {
        #[allow(clippy::cast_possible_truncation)] // It is whole, and small enough.
        return (number as i64).into();
    }
    number.into()
}

/// True for a number that an integer tells as well.
fn is_whole(number: f64) -> bool {
    /// Above it not every integer is a number of this kind.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    number.fract().abs() < f64::MIN_POSITIVE && number.abs() <= LARGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_one_reads() {
        let check = |number: f64, expect: &str, value: &str| {
            assert_eq!(
                (short(number).as_str(), exact(number).to_string().as_str()),
                (expect, value)
            );
        };
        check(0.0, "0", "0");
        check(-17.0, "-17", "-17");
        check(1_767_268_820_999.0, "1767268820999", "1767268820999");
        check(1_767_268_820.999_123, "1767268821", "1767268820.999123");
        check(12.3456, "12.35", "12.3456");
        check(1234.5678, "1235", "1234.5678");
        check(1.5e-7, "1.50e-7", "1.5e-7");
        check(2.5e20, "2.50e20", "2.5e+20");
    }
}
