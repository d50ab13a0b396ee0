//! A compiled expression, matched with one record after another.

use super::{
    ast::Order,
    level::bit,
    value_test::{ValueTest, compare_fields, seconds_of},
};
use crate::record::{Canonical, Field, Instant, Kind, Level, Record, Scale, Value};

/// A compiled expression. It is matched with records of the reader that it was compiled for.
#[derive(Clone, Debug)]
pub struct Filter(pub(super) Step);

#[derive(Clone, Debug)]
pub(super) enum Step {
    Constant(bool),
    Not(Box<Step>),
    All(Vec<Step>),
    Any(Vec<Step>),
    Probe(Probe),
}

/// A question about a field. Where the field is missing or unreadable the answer is no;
/// `Step::Not` around it makes the negated operators.
#[derive(Clone, Debug)]
pub(super) enum Probe {
    /// A raw field is there and not null.
    HasRaw(Field),
    /// A canonical field is there and can be read.
    Has(Canonical),
    /// A bit for each severity that passes.
    Level(u32),
    Time(Ordered<Instant>),
    Duration(Ordered<f64>),
    Raw(Field, ValueTest),
    Text(Canonical, ValueTest),
    /// A raw field stands so to another one.
    RawField(Field, Order, Field),
    /// A canonical field stands so to a raw one, which is read as the same kind.
    CanonicalField(Canonical, Order, Field),
}

/// How a value with an order must stand to one or several others.
#[derive(Clone, Debug)]
pub(super) enum Ordered<T> {
    To(Order, T),
    OneOf(Vec<T>),
}

impl<T: PartialOrd> Ordered<T> {
    #[inline]
    pub(super) fn accepts(&self, value: &T) -> bool {
        match self {
            Self::To(order, other) => compares(value, *order, other),
            Self::OneOf(others) => others.contains(value),
        }
    }
}

fn compares<T: PartialOrd>(value: &T, order: Order, other: &T) -> bool {
    value
        .partial_cmp(other)
        .is_some_and(|found| order.accepts(found))
}

impl Filter {
    /// True if the expression selects the record. Allocates only to decode the escapes of
    /// a string that it asks for.
    #[inline]
    pub fn matches(&self, record: &Record<'_, '_>) -> bool {
        self.0.matches(record)
    }
}

impl Step {
    fn matches(&self, record: &Record<'_, '_>) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Not(inner) => !inner.matches(record),
            Self::All(steps) => steps.iter().all(|step| step.matches(record)),
            Self::Any(steps) => steps.iter().any(|step| step.matches(record)),
            Self::Probe(probe) => probe.matches(record),
        }
    }
}

impl Probe {
    fn matches(&self, record: &Record<'_, '_>) -> bool {
        match self {
            Self::HasRaw(field) => record.raw(field).is_some_and(|v| v.kind != Kind::Null),
            Self::Has(canonical) => has(record, *canonical),
            Self::Level(mask) => record.level().is_some_and(|level| mask & bit(level) != 0),
            Self::Time(ordered) => record.time().is_some_and(|time| ordered.accepts(&time)),
            Self::Duration(ordered) => record
                .number(Canonical::Duration)
                .is_some_and(|seconds| ordered.accepts(&seconds)),
            Self::Raw(field, test) => record.raw(field).is_some_and(|value| test.holds(value)),
            Self::Text(canonical, test) => record
                .text(*canonical)
                .is_some_and(|text| test.holds(plain(&text))),
            Self::RawField(left, order, right) => record
                .raw(left)
                .zip(record.raw(right))
                .is_some_and(|(left, right)| compare_fields(left, right, *order)),
            Self::CanonicalField(canonical, order, field) => record
                .raw(field)
                .is_some_and(|value| compare_canonical(record, *canonical, *order, value)),
        }
    }
}

fn has(record: &Record<'_, '_>, canonical: Canonical) -> bool {
    match canonical {
        Canonical::Level => record.level().is_some(),
        Canonical::Time => record.time().is_some(),
        Canonical::Duration => record.number(canonical).is_some(),
        _ => record.text(canonical).is_some(),
    }
}

fn compare_canonical(
    record: &Record<'_, '_>,
    canonical: Canonical,
    order: Order,
    other: Value<'_>,
) -> bool {
    match canonical {
        Canonical::Level => stands::<Level>(record.level(), order, Scale::Python.read(other)),
        Canonical::Time => stands(record.time(), order, Instant::read(other)),
        Canonical::Duration => stands(record.number(canonical), order, seconds_of(other)),
        _ => record
            .text(canonical)
            .is_some_and(|text| compare_fields(plain(&text), other, order)),
    }
}

fn stands<T: PartialOrd>(left: Option<T>, order: Order, right: Option<T>) -> bool {
    left.zip(right)
        .is_some_and(|(left, right)| compares(&left, order, &right))
}

/// Canonical text as a value: decoded already, whatever it holds.
fn plain(text: &str) -> Value<'_> {
    Value {
        kind: Kind::Plain,
        raw: text.as_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        expr::Expr,
        record::{Found, Instant, Reader},
    };

    fn selects(text: &str, line: &str) -> bool {
        let now = Instant::from_text(b"2026-11-20T12:30:00Z").expect("an instant");
        let expr = match Expr::parse(text, now) {
            Ok(expr) => expr,
            Err(error) => panic!("{error}"),
        };
        let mut reader = Reader::default();
        let filter = expr.compile(&mut reader);
        let mut found = Found::default();
        let record = reader.read(line.as_bytes(), &mut found).expect("a record");
        filter.matches(&record)
    }

    /// Checks which of the expressions, one a line, select the record.
    fn check(line: &str, yes: &str, no: &str) {
        let each = |texts: &str, expect| {
            for text in texts.lines().map(str::trim).filter(|text| !text.is_empty()) {
                assert_eq!(selects(text, line), expect, "{text} on {line}");
            }
        };
        each(yes, true);
        each(no, false);
    }

    #[test]
    fn canonical_fields() {
        check(
            r#"{"time":"2026-11-20T12:00:00Z","level":"WARN","msg":"slow \u00e9","logger":"app.db","pid":812,"duration":1.5,"request_id":"40be6df2"}"#,
            "level >= warning
             level == warning
             level == 30
             level in (error, warn)
             level not in (error, info)
             time == 2026-11-20T12:00:00Z
             time >= now-1h and time < now
             time >= today
             time in (2026-11-20T13:00:00+01:00)
             message contains é
             message == 'slow é'
             logger == app.db
             logger startswith app.
             logger ~* ^APP
             logger < app.e
             process == 812
             process > 99
             duration > 1s and duration <= 1500ms
             duration in (1.5s, 2)
             tree == 40be6df2
             exists(level) and exists(time) and exists(duration) and exists(tree)
             not exists(exception) and exception != x and exception !~ x",
            "level > warning
             level == error
             level == 35
             time > now
             process == '81'
             process > 813
             duration > 1.5s
             exception == x
             exception ~ .*
             exists(status)
             status == running",
        );
    }

    #[test]
    fn a_missing_field_fails_all_but_the_negations() {
        for negation in [
            "!= 1",
            "!= null",
            "!~ x",
            "!~* x",
            "not in (1, 2)",
            "not contains x",
            "!= .b",
        ] {
            assert!(selects(&format!("a {negation}"), "{}"), "{negation}");
        }
        for other in [
            "== 1",
            "< 1",
            ">= 1",
            "== null",
            "~ .*",
            "in (1, null)",
            "contains ''",
            "== .b",
        ] {
            assert!(!selects(&format!("a {other}"), "{}"), "{other}");
        }
        assert!(!selects("level < error", "{}"));
        assert!(selects("level != error", "{}"));
        assert!(selects("time != now and duration != 1s", "{}"));
    }

    #[test]
    fn kinds_do_not_mix() {
        check(
            r#"{"n":42,"s":"42","w":"ada","t":true,"z":null,"o":{"k":1},"e":"a\tb","f":"1.5s"}"#,
            "n == 42
             s == 42
             s == '42'
             s < 100
             n ~ ^4
             t ~ true
             t == true
             z == null
             w == ada
             w > abc
             w != 5
             e == 'a\tb'
             e contains '\t'
             e endswith b
             f > 200ms
             f == 1500ms
             s > 41s
             o != 1
             o.k == 1
             .o.k == 1
             exists(o)
             n == .s
             t == .t
             z == .z",
            "n == '42'
             n < '5'
             w < 5
             t == 'true'
             z == 0
             z ~ .*
             exists(z)
             o == 1
             o contains k
             w > 1s
             n == .w
             t < .t
             s > 'ada'",
        );
    }

    #[test]
    fn sizes_are_numbers_of_bytes() {
        check(
            r#"{"n":1572864,"s":"1.5 MiB","t":"1.5MiB","d":"1572864","u":"10MB","l":["1 kB",7],"m":"5m"}"#,
            "n == 1.5MiB
             s == 1.5MiB
             t == 1572864B and d == 1.5MiB
             n > 1MB and n < 10MB and s > 1MB and s < 10MB
             u == 10000kB
             l in (1KB, 2KB)
             m == 5m
             t == '1.5MiB'",
            "n == '1.5MiB'
             s == '1.5MiB'
             u > 10MB
             u > 1MiB and u < 2MiB
             m > 1B or m < 1B or u == 10m
             s == 1572864",
        );
    }

    #[test]
    fn an_array_passes_if_an_element_does() {
        check(
            r#"{"a":[1,"web",null,[9],{"k":2}],"b":[],"c":["x","web"]}"#,
            "a == 1
             a == web
             a contains eb
             a == null
             a in (7, web)
             a[0] == 1
             a[4].k == 2
             a == .c
             exists(b)
             b != 1",
            "a == 9
             a == 2
             a > 1
             b == 1
             b == .b
             a != 1",
        );
    }

    #[test]
    fn numbers_are_exact() {
        check(
            r#"{"u":18446744073709551615,"i":1152921504606846977,"f":1e3,"n":NaN,"m":-Infinity,"g":1180591620717411303424}"#,
            "u == 18446744073709551615
             u < 18446744073709551616
             i != 1152921504606846976
             i > 1152921504606846976
             f == 1000
             f >= 1000.0
             n != 1
             n != .n
             m < -1e300
             m == -Infinity
             g == 1180591620717411303424
             g > .u",
            "u == 18446744073709551616
             n == 1
             n < 1
             n >= 1
             n == .n
             i == .u",
        );
    }

    #[test]
    fn a_canonical_field_beside_a_raw_one() {
        check(
            r#"{"time":"2026-11-20T12:00:00Z","level":"warning","duration":1.5,"limit":"2s","deadline":"2026-11-20 12:00:01","least":30,"message":"x","other":"x"}"#,
            "duration < .limit
             time < .deadline
             level == .least
             message == .other
             message != .limit",
            "duration > .limit
             level > .least
             time > .none",
        );
    }

    #[test]
    fn dots_in_keys_are_found_nested_or_flat() {
        for line in [r#"{"http":{"status":500}}"#, r#"{"http.status":500}"#] {
            assert!(selects("http.status >= 500", line), "{line}");
        }
        assert!(selects(
            r#"."http.status" == 500"#,
            r#"{"http.status":500}"#
        ));
        assert!(!selects(
            r#"."http.status" == 500"#,
            r#"{"http":{"status":500}}"#
        ));
    }

    #[test]
    fn workers_may_share_a_filter() {
        fn shared<T: Send + Sync + Clone>() {}
        shared::<super::Filter>();
        shared::<Expr>();
    }
}
