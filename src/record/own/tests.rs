//! That own schemas stand where they should, and say what they should.

use super::*;

fn place(canonical: Canonical, path: &str, reading: &Reading) -> (Canonical, Vec<OwnPlace>) {
    let place = OwnPlace::new(canonical, path, reading).expect("a place");
    (canonical, vec![place])
}

fn schema(name: &str, like: Option<&str>, has: &[&str]) -> OwnSchema {
    OwnSchema {
        name: name.to_owned(),
        like: like.map(str::to_owned),
        has: has.iter().map(|&path| path.to_owned()).collect(),
        is: Vec::new(),
        fields: vec![
            place(Canonical::Time, ".when", &Reading::In(Unit::Millis)),
            (Canonical::Host, Vec::new()),
        ],
    }
}

fn table(schemas: Vec<OwnSchema>, first: Vec<(Canonical, OwnPlace)>) -> Table {
    Table::with(Own { schemas, first }).expect("a table")
}

/// The paths of a canonical field in the schema of that label.
fn paths(table: &Table, label: &str, canonical: Canonical) -> Vec<&'static str> {
    let known = table.known.iter().find(|known| known.label == label);
    let fields = known.expect("a schema").schema.fields.iter();
    let of_it = fields.filter(|(name, _)| *name == canonical);
    of_it
        .flat_map(|(_, sources)| *sources)
        .map(|source| source.path)
        .collect()
}

#[test]
fn own_schemas_come_before_producers_and_behind_what_is_ours() {
    let own = vec![schema("any", None, &[]), schema("mine", None, &["when"])];
    let table = table(own, Vec::new());
    let labels: Vec<_> = table.known.iter().map(|known| known.label).collect();
    let at = |label: &str| labels.iter().position(|&one| one == label).expect(label);
    assert!(at("loss") < at("mine") && at("mine") < at("eliot"));
    // One without marks would be every record's.
    assert_eq!(
        (at("any") + 1, at("generic") + 1),
        (at("generic"), labels.len())
    );
    assert_eq!(labels.len(), PRODUCERS.len() + 2);
}

#[test]
fn what_a_schema_does_not_say_is_as_with_the_one_that_it_is_like() {
    let own = vec![
        schema("mine", None, &["when"]),
        schema("ours", Some("eliot"), &["when"]),
    ];
    let table = table(own, Vec::new());
    for (label, like) in [("mine", "generic"), ("ours", "eliot")] {
        assert_eq!(paths(&table, label, Canonical::Time), ["when"], "{label}");
        assert_eq!(paths(&table, label, Canonical::Host), [""; 0], "{label}");
        let (its, theirs) = (label, like);
        for canonical in [Canonical::Message, Canonical::Tree, Canonical::Level] {
            assert_eq!(
                paths(&table, its, canonical),
                paths(&table, theirs, canonical)
            );
        }
    }
    // Schemes ask for the kind, and users for the name.
    let kinds = table
        .known
        .iter()
        .filter(|known| known.schema.name == "eliot");
    assert_eq!(
        kinds.map(|known| known.label).collect::<Vec<_>>(),
        ["ours", "eliot"]
    );
    assert_eq!(
        table.own,
        [("mine", vec![Canonical::Time, Canonical::Host])]
    );
}

#[test]
fn a_mapped_field_is_looked_for_first_in_all_records_but_ours() {
    let when = OwnPlace::new(Canonical::Time, "when", &Reading::Usual).expect("a place");
    let table = table(Vec::new(), vec![(Canonical::Time, when)]);
    for known in &table.known {
        let found = paths(&table, known.label, Canonical::Time);
        let usual = PRODUCERS.iter().find(|row| row.name == known.label);
        let usual = usual.expect("a producer").fields.iter();
        let usual = usual.filter(|(name, _)| *name == Canonical::Time);
        let usual = usual
            .flat_map(|(_, sources)| *sources)
            .map(|source| source.path);
        let first = (!is_ours(known.schema)).then_some("when");
        let expect: Vec<_> = first.into_iter().chain(usual).collect();
        assert_eq!(found, expect, "{}", known.label);
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let place = |canonical, reading: Reading| OwnPlace::new(canonical, "x", &reading).err();
    let words = |means: &str| Reading::Words(vec![("1".to_owned(), means.to_owned())]);
    assert_eq!(
        place(Canonical::Level, Reading::In(Unit::Nanos)),
        Some(OwnError::NoUnit("level"))
    );
    assert_eq!(
        place(Canonical::Host, Reading::On(Scale::Pino)),
        Some(OwnError::NoScale("host"))
    );
    assert_eq!(
        place(Canonical::Time, words("now")),
        Some(OwnError::NoWords("time"))
    );
    for (canonical, right, wrong) in [
        (Canonical::Status, "failed", "broken"),
        (Canonical::Event, "end", "ended"),
        (Canonical::Level, "warn", "loud"),
    ] {
        assert_eq!(place(canonical, words(right)), None);
        let refused = place(canonical, words(wrong));
        assert!(matches!(refused, Some(OwnError::Word { .. })), "{wrong}");
    }
    let refused = |schemas| {
        Table::with(Own {
            schemas,
            first: Vec::new(),
        })
        .err()
    };
    let twice = vec![schema("mine", None, &["a"]), schema("mine", None, &["b"])];
    assert_eq!(refused(twice), Some(OwnError::Known("mine".to_owned())));
    let taken = vec![schema("eliot", None, &["a"])];
    assert_eq!(refused(taken), Some(OwnError::Known("eliot".to_owned())));
    let unlike = vec![schema("mine", Some("tree"), &["a"])];
    assert_eq!(refused(unlike), Some(OwnError::Unlike("tree".to_owned())));
}
