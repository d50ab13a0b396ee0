//! Groups as rows.

use std::cmp::Ordering;

use super::{
    counter::texts,
    groups::{Group, Groups},
    plan::{Op, Plan},
    stats::Stats,
};
use crate::{expr::Misnamed, record::Instant};

/// How many spans of time a line of counts over time has.
const COLUMNS: usize = 16;

/// What is shown of all groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// The heads of the columns.
    pub head: Vec<String>,
    /// How many of the columns, at the left, are fields that records were grouped by.
    pub keys: usize,
    /// A row for each group.
    pub rows: Vec<Vec<Cell>>,
    /// How many groups there are that are not shown.
    pub left: usize,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// There is none.
    None,
    /// A text of records.
    Text(String),
    /// The rest, where there are too many groups to tell them apart.
    Others,
    /// A count.
    Count(u64),
    /// A number.
    Number(f64),
    /// A part of a whole.
    Share(f64),
    /// A time in seconds.
    Seconds(f64),
    /// An instant.
    Time(Instant),
    /// Counts over time.
    Counts(Vec<u64>),
}

/// The order of rows, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    column: usize,
    descending: bool,
    top: usize,
}

impl Order {
    /// The order by a column, `NAME`, `NAME:asc` or `NAME:desc`; without one that of the first that
    /// was computed, the largest first. `top` is the most rows, or `None` for all.
    pub fn parse(text: Option<&str>, top: Option<usize>, plan: &Plan) -> Result<Self, Misnamed> {
        let top = top.unwrap_or(usize::MAX);
        let Some(text) = text else {
            return Ok(Self {
                column: plan.by.len(),
                descending: true,
                top,
            });
        };
        let (name, way) = match text.rsplit_once(':') {
            Some((name, "asc")) => (name, Some(false)),
            Some((name, "desc")) => (name, Some(true)),
            _ => (text, None),
        };
        let column = plan.columns().position(|column| column == name.trim());
        let column = column.ok_or_else(|| Misnamed {
            reason: format!("no column is called '{}'", name.trim()),
            hint: format!(
                "there are {}",
                plan.columns().collect::<Vec<_>>().join(", ")
            ),
        })?;
        Ok(Self {
            column,
            // Names are looked for from A on, numbers from the largest.
            descending: way.unwrap_or(column >= plan.by.len()),
            top,
        })
    }
}

impl Rows {
    /// The rows of groups that were made by that plan.
    pub fn new(groups: &Groups, plan: &Plan, order: Order) -> Self {
        let all = groups.known.values().chain(&groups.others);
        let span = all
            .filter_map(|group| group.span)
            .reduce(|(from, to), (first, last)| (from.min(first), to.max(last)));
        let whole = Whole {
            records: groups.records(),
            span,
        };
        let row = |keys: Vec<Cell>, group: &Group| -> Vec<Cell> {
            let cells = plan
                .aggregates
                .iter()
                .map(|one| cell(one.op, group, plan, &whole));
            keys.into_iter().chain(cells).collect()
        };
        let mut rows: Vec<_> = groups
            .known
            .iter()
            .map(|(key, group)| {
                let keys = texts(key).into_iter();
                row(
                    keys.map(|text| text.map_or(Cell::None, Cell::Text))
                        .collect(),
                    group,
                )
            })
            .collect();
        rows.sort_by(|one, other| {
            let by = compare(&one[order.column], &other[order.column]);
            let by = if order.descending { by.reverse() } else { by };
            by.then_with(|| {
                let keys = one.iter().zip(other).take(plan.by.len());
                keys.map(|(one, other)| compare(one, other))
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            })
        });
        let left = rows.len().saturating_sub(order.top);
        rows.truncate(order.top);
        if let Some(others) = &groups.others {
            let keys = plan.by.iter().map(|_| Cell::Others).collect();
            rows.push(row(keys, others));
        }
        Self {
            head: plan.columns().map(str::to_owned).collect(),
            keys: plan.by.len(),
            rows,
            left,
        }
    }
}

/// What is known of all groups together.
struct Whole {
    records: u64,
    span: Option<(Instant, Instant)>,
}

#[allow(clippy::cast_precision_loss)] // What is computed of counts needs no more than 53 bits.
fn cell(op: Op, group: &Group, plan: &Plan, whole: &Whole) -> Cell {
    let value = |field: usize, value: Option<f64>| match value {
        None => Cell::None,
        Some(value) if plan.is_duration(field) => Cell::Seconds(value),
        Some(value) => Cell::Number(value),
    };
    let computed = |field, found: Option<f64>| value(field, found.map(rounded));
    let some = |field: usize, of: fn(&Stats) -> f64| {
        let stats = &group.stats[field];
        (stats.values > 0).then(|| of(stats))
    };
    match op {
        Op::Count => Cell::Count(group.records),
        Op::Share => Cell::Share(rounded(group.records as f64 / whole.records.max(1) as f64)),
        Op::Rate => match whole.span {
            Some((from, to)) if to > from => {
                let seconds = to.0.abs_diff(from.0) as f64 / 1e9;
                Cell::Number(rounded(group.records as f64 / seconds))
            }
            _ => Cell::None,
        },
        Op::Spark => whole.span.map_or(Cell::None, |(from, to)| {
            Cell::Counts(group.spark.counts(from, to, COLUMNS))
        }),
        Op::First => group.span.map_or(Cell::None, |(from, _)| Cell::Time(from)),
        Op::Last => group.span.map_or(Cell::None, |(_, to)| Cell::Time(to)),
        Op::Sum(field) => computed(field, some(field, Stats::sum)),
        Op::Min(field) => value(field, some(field, |stats| stats.min)),
        Op::Max(field) => value(field, some(field, |stats| stats.max)),
        Op::Mean(field) => computed(field, group.stats[field].mean()),
        Op::Quantile(field, part) => computed(field, group.stats[field].quantile(part)),
    }
}

/// A number without the last digits, which computing with fractions leaves behind; whole numbers have
/// none of them.
fn rounded(number: f64) -> f64 {
    if number.fract() == 0.0 {
        return number;
    }
    format!("{number:.14e}").parse().unwrap_or(number)
}

/// The order of two values of one column; none is the least.
fn compare(one: &Cell, other: &Cell) -> Ordering {
    let number = |cell: &Cell| match *cell {
        #[allow(clippy::cast_precision_loss)] // For an order of rows it will do.
        Cell::Count(count) => Some(count as f64),
        Cell::Number(number) | Cell::Share(number) | Cell::Seconds(number) => Some(number),
        _ => None,
    };
    match (one, other) {
        (Cell::Text(one), Cell::Text(other)) => one.cmp(other),
        (Cell::Time(one), Cell::Time(other)) => one.cmp(other),
        (Cell::Counts(one), Cell::Counts(other)) => one.cmp(other),
        (Cell::None, Cell::None) => Ordering::Equal,
        (Cell::None, _) => Ordering::Less,
        (_, Cell::None) => Ordering::Greater,
        _ => number(one)
            .partial_cmp(&number(other))
            .unwrap_or(Ordering::Equal),
    }
}
