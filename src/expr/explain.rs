//! How an expression was understood: its fields, and what each value means.

use super::{
    ast::{Check, Expr, Literal, Node, Test},
    field::Subject,
};
use crate::record::{Canonical, Path, Zone, places};

/// A field of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldNote {
    /// The field as expressions spell it.
    pub name: String,
    /// What kind of values it has, in words.
    pub kind: String,
    /// Where it is looked for: producers, and their paths, the best first.
    pub places: Vec<(&'static str, Vec<String>)>,
}

/// A value of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueNote {
    /// The value as expressions spell it.
    pub value: String,
    /// What it was read as, in words.
    pub meaning: String,
}

impl Expr {
    /// The fields that the expression asks for, each once, in the order of the text.
    pub fn fields(&self) -> Vec<FieldNote> {
        let mut subjects: Vec<Subject> = Vec::new();
        let mut add = |subject: &Subject| {
            if !subjects.contains(subject) {
                subjects.push(subject.clone());
            }
        };
        self.0.walk(&mut |leaf| match leaf {
            Leaf::Exists(subject) => add(subject),
            Leaf::Test(test) => {
                add(&test.subject);
                if let Check::CompareField(_, other) = &test.check {
                    add(&Subject::Raw(other.clone()));
                }
            }
        });
        subjects.iter().map(field_note).collect()
    }

    /// The canonical fields that the expression asks for and that records of this producer do not
    /// have.
    pub fn fields_without(&self, producer: &str) -> impl Iterator<Item = Canonical> {
        let mut all = Vec::new();
        self.0.walk(&mut |leaf| {
            let (Leaf::Exists(subject) | Leaf::Test(Test { subject, .. })) = leaf;
            all.extend(match subject {
                Subject::Canonical(canonical) => Some(*canonical),
                Subject::Raw(_) => None,
            });
        });
        let has = move |canonical: Canonical| places(canonical).any(|(name, _)| name == producer);
        all.into_iter().filter(move |canonical| !has(*canonical))
    }

    /// The values that the expression compares with, each once, in the order of the text;
    /// points in time are told as clocks in `zone` show them, too.
    pub fn values(&self, zone: Zone) -> Vec<ValueNote> {
        let mut notes: Vec<ValueNote> = Vec::new();
        let mut add = |value: String, meaning: String| {
            let note = ValueNote { value, meaning };
            if !notes.contains(&note) {
                notes.push(note);
            }
        };
        self.0.walk(&mut |leaf| {
            let Leaf::Test(test) = leaf else { return };
            match &test.check {
                Check::Compare(_, literal) => add(literal.to_string(), meaning(literal, zone)),
                Check::OneOf(literals) => {
                    for literal in literals {
                        add(literal.to_string(), meaning(literal, zone));
                    }
                }
                Check::Matches(pattern) => {
                    let case = if pattern.any_case() {
                        ", in any case"
                    } else {
                        ""
                    };
                    add(pattern.to_string(), format!("a regular expression{case}"));
                }
                Check::Text(_, wanted) => {
                    let literal = Literal::Text(wanted.clone());
                    add(literal.to_string(), meaning(&literal, zone));
                }
                Check::CompareField(..) => {}
            }
        });
        notes
    }
}

enum Leaf<'n> {
    Exists(&'n Subject),
    Test(&'n Test),
}

impl Node {
    fn walk(&self, visit: &mut impl FnMut(Leaf<'_>)) {
        match self {
            Self::Constant(_) => {}
            Self::Exists(subject) => visit(Leaf::Exists(subject)),
            Self::Test(test) | Self::Judged(test, _) => visit(Leaf::Test(test)),
            Self::Not(inner) => inner.walk(visit),
            Self::All(nodes) | Self::Any(nodes) => {
                for node in nodes {
                    node.walk(visit);
                }
            }
        }
    }
}

fn field_note(subject: &Subject) -> FieldNote {
    let spelled = |paths: Vec<Path>| paths.iter().map(ToString::to_string).collect();
    match subject {
        Subject::Canonical(canonical) => FieldNote {
            name: subject.to_string(),
            kind: kind(*canonical).to_owned(),
            places: places(*canonical)
                .map(|(producer, paths)| (producer, spelled(paths)))
                .collect(),
        },
        Subject::Raw(path) => FieldNote {
            name: subject.to_string(),
            kind: "as it is written".to_owned(),
            places: vec![("any", spelled(path.readings()))],
        },
    }
}

fn kind(canonical: Canonical) -> &'static str {
    match canonical {
        Canonical::Level => "a severity",
        Canonical::Time => "a point in time",
        Canonical::Duration => "a length of time",
        Canonical::Status => "succeeded, failed, running or unknown",
        Canonical::Event => "start or end",
        Canonical::Process | Canonical::Thread | Canonical::Seq => "a number or a text",
        _ => "a text",
    }
}

fn meaning(literal: &Literal, zone: Zone) -> String {
    match literal {
        Literal::Null => "null".into(),
        Literal::Bool(_) => "a truth value, no text".into(),
        Literal::Number(_) => "a number, or a string that is one".into(),
        Literal::Text(_) => "a text".into(),
        Literal::Level(level) => match level.range() {
            (low, high) if low == high => format!("severity {low}"),
            (low, high) => format!("severities {} to {}", low.max(1), high.min(24)),
        },
        Literal::Time(instant) => {
            format!("a point in time, {} in {zone}", zone.to_rfc3339(*instant))
        }
        Literal::Seconds(_) => "a length of time, or a number of seconds".into(),
        Literal::Size(bytes) => format!("a size, or a number of bytes: {bytes}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{expr::Clock, record::Instant};

    fn parse(text: &str) -> Expr {
        let now = Instant::from_text(b"2026-11-20T12:30:00Z").expect("an instant");
        let zone = Zone::read("Europe/Berlin").expect("a zone");
        match Expr::parse(text, Clock { now, zone }) {
            Ok(expr) => expr,
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn values_are_told_as_they_were_read() {
        let check = |text: &str, expect: &[&str]| {
            let zone = Zone::read("Europe/Berlin").expect("a zone");
            let notes: Vec<_> = parse(text)
                .values(zone)
                .into_iter()
                .map(|note| format!("{}: {}", note.value, note.meaning))
                .collect();
            assert_eq!(notes, expect, "{text}");
        };
        check("level >= warn", &["warning: severities 13 to 16"]);
        check(
            "level in (trace, fatal, 30)",
            &[
                "trace: severities 1 to 4",
                "fatal: severities 21 to 24",
                "warning+0: severity 13",
            ],
        );
        check(
            "time > today and not time < today",
            &["2026-11-19T23:00:00Z: a point in time, 2026-11-20T00:00:00+01:00 in Europe/Berlin"],
        );
        check(
            ".a in (1, '1', null, true, 2MB, 5m)",
            &[
                "1: a number, or a string that is one",
                "\"1\": a text",
                "null: null",
                "true: a truth value, no text",
                "2000000B: a size, or a number of bytes: 2000000",
                "300s: a length of time, or a number of seconds",
            ],
        );
        check(
            ".a ~* x or .a contains y or .a > .b or exists(c)",
            &["'x': a regular expression, in any case", "\"y\": a text"],
        );
    }

    #[test]
    fn fields_are_told_with_their_places() {
        let fields = parse("level > info and (.a.b == 1 or not exists(.a.b)) and .c > .d").fields();
        let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["level", ".a.b", ".c", ".d"]);
        let of = |producer| {
            let place = fields[0].places.iter().find(|(name, _)| *name == producer);
            place.map(|(_, paths)| paths.join(" "))
        };
        assert_eq!(of("python").as_deref(), Some(".levelno .levelname"));
        assert_eq!(of("tree").as_deref(), Some(".level"));
        assert_eq!(of("node"), None);
        let of_records = parse("level > info and service == shop");
        let missing: Vec<_> = of_records.fields_without("tree").collect();
        assert_eq!(missing, [Canonical::Service]);
        let raw = vec![("any", vec![".a.b".to_owned(), ".\"a.b\"".to_owned()])];
        assert_eq!(fields[1].places, raw);
    }
}
