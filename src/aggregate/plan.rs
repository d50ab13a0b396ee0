//! What is grouped and computed, as a user writes it: `count, p99(duration), max(.bytes)`.

use crate::{
    expr::{Misnamed, Subject, list_parts},
    record::Canonical,
};

/// By what records are grouped, and what is computed of each group.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The fields that records of a group have in common, with the names that were written.
    pub(super) by: Vec<(String, Subject)>,
    pub(super) aggregates: Vec<Aggregate>,
    /// The fields that something is computed of.
    pub(super) fields: Vec<Subject>,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Aggregate {
    /// As it was written.
    pub(super) label: String,
    pub(super) op: Op,
}

/// What is computed; a field is told by its place among those of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Op {
    Count,
    Share,
    Rate,
    Spark,
    First,
    Last,
    Sum(usize),
    Mean(usize),
    Min(usize),
    Max(usize),
    Quantile(usize, f64),
}

const KNOWN: &str = "known are count, share, rate, spark, first, last, sum(F), avg(F), min(F), max(F), and p50(F) to p99.9(F)";

impl Plan {
    /// Reads two lists with commas between their parts.
    pub fn parse(by: &str, aggregates: &str) -> Result<Self, Misnamed> {
        let mut plan = Self {
            by: Subject::list(by)?,
            aggregates: Vec::new(),
            fields: Vec::new(),
        };
        for label in list_parts(aggregates) {
            let op = plan.op(label)?;
            let label = label.to_owned();
            plan.aggregates.push(Aggregate { label, op });
        }
        if plan.aggregates.is_empty() {
            return Err(Misnamed {
                reason: "nothing is to be computed".into(),
                hint: KNOWN.into(),
            });
        }
        Ok(plan)
    }

    /// The heads of all columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let by = self.by.iter().map(|(name, _)| name.as_str());
        by.chain(self.aggregates.iter().map(|one| one.label.as_str()))
    }

    /// True if times of records are wanted.
    pub(super) fn needs_time(&self) -> bool {
        self.aggregates
            .iter()
            .any(|one| matches!(one.op, Op::Rate | Op::Spark | Op::First | Op::Last))
    }

    /// True if a field's quantiles are wanted.
    pub(super) fn needs_sketch(&self, field: usize) -> bool {
        self.aggregates
            .iter()
            .any(|one| matches!(one.op, Op::Quantile(of, _) if of == field))
    }

    fn op(&mut self, label: &str) -> Result<Op, Misnamed> {
        let wrong = |reason: String| Misnamed {
            reason,
            hint: KNOWN.into(),
        };
        let Some((name, rest)) = label.split_once('(') else {
            return Ok(match label {
                "count" => Op::Count,
                "share" => Op::Share,
                "rate" => Op::Rate,
                "spark" => Op::Spark,
                "first" => Op::First,
                "last" => Op::Last,
                "sum" | "avg" | "mean" | "min" | "max" => {
                    return Err(wrong(format!("'{label}' of what? Write {label}(duration)")));
                }
                _ => return Err(wrong(format!("'{label}' cannot be computed"))),
            });
        };
        let Some(field) = rest.strip_suffix(')') else {
            return Err(wrong(format!("'{label}' has no closing bracket")));
        };
        let name = name.trim();
        let quantile = name.strip_prefix('p').and_then(|percent| {
            let percent: f64 = percent.parse().ok()?;
            (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
        });
        let known = matches!(name, "sum" | "avg" | "mean" | "min" | "max");
        if !known && quantile.is_none() {
            return Err(wrong(format!("'{name}' cannot be computed of a field")));
        }
        let field = self.field(Subject::listed(field)?);
        Ok(match (name, quantile) {
            (_, Some(quantile)) => Op::Quantile(field, quantile),
            ("sum", _) => Op::Sum(field),
            ("min", _) => Op::Min(field),
            ("max", _) => Op::Max(field),
            _ => Op::Mean(field),
        })
    }

    /// The place of a field, which is new or not.
    fn field(&mut self, subject: Subject) -> usize {
        let known = self.fields.iter().position(|field| *field == subject);
        known.unwrap_or_else(|| {
            self.fields.push(subject);
            self.fields.len() - 1
        })
    }

    /// True if a field is in seconds.
    pub(super) fn is_duration(&self, field: usize) -> bool {
        self.fields[field] == Subject::Canonical(Canonical::Duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_or_refused_with_a_reason() {
        let check = |by, aggregates, expect: &str| {
            let got = match Plan::parse(by, aggregates) {
                Ok(plan) => format!(
                    "{:?} of {}",
                    plan.columns().collect::<Vec<_>>(),
                    plan.fields.len()
                ),
                Err(wrong) => wrong.reason,
            };
            assert_eq!(got, expect, "{by:?} {aggregates:?}");
        };
        check(
            "logger,level",
            "count",
            r#"["logger", "level", "count"] of 0"#,
        );
        check(
            "",
            "p50(duration), p99.9( duration ),max(.\"a,b\")",
            r#"["p50(duration)", "p99.9( duration )", "max(.\"a,b\")"] of 2"#,
        );
        check("logger", " , ", "nothing is to be computed");
        check(
            "logger",
            "p101(duration)",
            "'p101' cannot be computed of a field",
        );
        check(
            "logger",
            "pp(duration)",
            "'pp' cannot be computed of a field",
        );
        check("logger", "max", "'max' of what? Write max(duration)");
        check(
            "logger",
            "max(duration",
            "'max(duration' has no closing bracket",
        );
        check("logger", "median", "'median' cannot be computed");
        check("logger", "max(.a.)", "no field: '.a.'");
        check("1", "count", "no field: '1'");
    }
}
