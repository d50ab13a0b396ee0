//! That a line is read to the same result, whatever was learned before.

use proptest::{collection::vec, prelude::*};

use super::super::{Cursor, Duplicates, Found, Index, Path, Projection};

/// Keys that begin alike, one that is longer than what is learned, and one with escapes.
const KEYS: [&str; 9] = [
    "a",
    "task_uuid",
    "task_level",
    "task_type",
    "task_x",
    "task_y",
    "",
    "a.key.that.is.longer.than.thirty-two.bytes",
    r"t\u0061sk_x",
];
const VALUES: [&str; 7] = [
    "1",
    r#""x\"y""#,
    "[3, 2,1]",
    r#"{"a":{"a":2}}"#,
    "null",
    "[]",
    "-1.5e3",
];

fn line() -> impl Strategy<Value = String> {
    let member = (0..KEYS.len(), 0..VALUES.len(), any::<bool>());
    (vec(member, 0..6), 0..40_usize).prop_map(|(members, cut)| {
        let members: Vec<_> = members
            .into_iter()
            .map(|(key, value, blank)| {
                let blank = if blank { " " } else { "" };
                format!("{blank}\"{}\":{blank}{}", KEYS[key], VALUES[value])
            })
            .collect();
        let mut line = format!("{{{}}}", members.join(","));
        // One in some is broken off.
        if cut < 8 {
            line.truncate(line.len().saturating_sub(cut));
        }
        line
    })
}

/// True if nothing is known of the members of the line, or if that is what they are.
fn members_are_right(found: &Found, line: &str) -> bool {
    let Some(known) = found.members(line.as_bytes()) else {
        return true;
    };
    let known: Vec<_> = known.map(|(key, value)| (key.to_vec(), value)).collect();
    let mut members = Vec::new();
    let walked = Cursor::line(line.as_bytes(), |key, cursor| {
        members.push((key.to_vec(), cursor.value()?));
        Ok(())
    });
    walked.is_ok() && members == known
}

#[test]
fn members_of_a_line_that_was_seen_are_known() {
    let projection = {
        let mut projection = Projection::default();
        projection.want(&Path::dotted("a"), Duplicates::Last);
        projection
    };
    let mut found = Found::default();
    for line in [
        r#"{"a":1,"t\u0061sk_x":"b" , "":{"c":null},"a":[1,"\\"]}"#,
        r#" {"d":"\"" }"#,
    ] {
        for _ in 0..4 {
            projection.scan(line, &mut found).expect("a record");
        }
        assert!(found.members(line.as_bytes()).is_some(), "{line}");
        assert!(members_are_right(&found, line), "{line}");
    }
}

proptest! {
    #[test]
    fn what_was_learned_changes_nothing(lines in vec(line(), 1..40)) {
        let mut projection = Projection::default();
        let mut fields = Vec::new();
        for path in ["a", "task_uuid", "task_level[1]", "task_x", "a.a", "task_type.a.a"] {
            for duplicates in [Duplicates::First, Duplicates::Last] {
                fields.push(projection.want(&Path::dotted(path), duplicates));
            }
        }
        let mut learned = Found::default();
        let mut text = lines.join("\n");
        text.push('\n');
        let mut expected = Vec::new();
        for line in &lines {
            let mut fresh = Found::default();
            let result = projection.scan(line, &mut fresh);
            let get = |field| projection.get(field, line.as_bytes(), &fresh);
            let values: Vec<_> = fields.iter().map(get).collect();
            prop_assert_eq!(&projection.scan(line, &mut learned), &result);
            if result.is_ok() {
                let get = |field| projection.get(field, line.as_bytes(), &learned);
                prop_assert_eq!(&fields.iter().map(get).collect::<Vec<_>>(), &values);
                prop_assert!(members_are_right(&learned, line), "{}", line);
            }
            expected.push((result, values));
        }
        // The same with an index.
        let mut expected = expected.into_iter();
        let done = Index::default().each(text.as_bytes(), |line| {
            let (result, values) = expected.next().expect("as many lines");
            let mut same = projection.scan(line, &mut learned) == result;
            if result.is_ok() {
                let get = |field| projection.get(field, line.bytes(), &learned);
                same &= fields.iter().map(get).collect::<Vec<_>>() == values;
            }
            if same {
                std::ops::ControlFlow::Continue(())
            } else {
                std::ops::ControlFlow::Break(())
            }
        });
        prop_assert!(done.is_continue());
    }
}

#[test]
fn another_projection_and_more_fields_begin_anew() {
    let line = br#"{"a":1,"b":2}"#;
    let mut found = Found::default();
    let mut one = Projection::default();
    let a = one.want(&Path::dotted("a"), Duplicates::Last);
    let text = |projection: &Projection, field, found: &Found| {
        let value = projection.get(field, line, found)?;
        Some(value.text().into_owned())
    };
    for _ in 0..2 {
        one.scan(line, &mut found).expect("a record");
        assert_eq!(text(&one, &a, &found).as_deref(), Some("1"));
    }
    let mut other = Projection::default();
    let b = other.want(&Path::dotted("b"), Duplicates::Last);
    other.scan(line, &mut found).expect("a record");
    assert_eq!(text(&other, &b, &found).as_deref(), Some("2"));
    one.want(&Path::dotted("b.c"), Duplicates::Last);
    let b = one.want(&Path::dotted("b"), Duplicates::First);
    one.scan(line, &mut found).expect("a record");
    assert_eq!(text(&one, &b, &found).as_deref(), Some("2"));
}

#[test]
fn memory_is_bounded_however_many_keys_there_are() {
    let mut projection = Projection::default();
    let field = projection.want(&Path::dotted("last"), Duplicates::Last);
    let mut found = Found::default();
    for number in 0..5_000 {
        let line = format!(r#"{{"key-{number}":1,"last":{number}}}"#);
        projection.scan(&line, &mut found).expect("a record");
        let value = projection.get(&field, line.as_bytes(), &found);
        assert_eq!(
            value.map(|v| v.text().into_owned()),
            Some(number.to_string())
        );
        assert!(found.shapes.keys.len() <= super::MOST + 2);
    }
    // However many there are in one line.
    let members: Vec<_> = (0..100_000)
        .map(|number| format!("\"{number}\":1"))
        .collect();
    let line = format!("{{{},\"last\":7}}", members.join(","));
    projection.scan(&line, &mut found).expect("a record");
    let value = projection.get(&field, line.as_bytes(), &found);
    assert_eq!(value.map(|v| v.text().into_owned()).as_deref(), Some("7"));
    assert!(found.shapes.keys.len() <= super::MOST + 2);
}

proptest! {
    /// What stands inside of members differs from line to line, though the keys do not.
    #[test]
    fn lines_with_the_same_keys_have_their_own_values_inside(
        keys in vec(0..4_usize, 1..5),
        lines in vec(vec(0..8_usize, 4), 4..16),
    ) {
        const KEYS: [&str; 4] = ["a", "b", r"\u0061", "c"];
        const VALUES: [&str; 8] = [
            r#"{"a":1}"#, r#"{"a":{"b":2},"a":3}"#, r#"{"b":[4,5]}"#, r#"{"a":{"b":6}}"#,
            "[7,[8]]", "null", r#""x""#, "{}",
        ];
        let mut projection = Projection::default();
        let mut fields = Vec::new();
        for path in ["a", "a.a", "a.a.b", "a.b[1]", "a[1][0]", "b.a", "b", "c"] {
            for duplicates in [Duplicates::First, Duplicates::Last] {
                fields.push(projection.want(&Path::dotted(path), duplicates));
            }
        }
        let mut learned = Found::default();
        for values in lines {
            let member = |(&key, value): (&usize, usize)| format!("\"{}\":{}", KEYS[key], VALUES[value]);
            let members: Vec<_> = keys.iter().zip(values).map(member).collect();
            let line = format!("{{{}}}", members.join(","));
            let mut fresh = Found::default();
            projection.scan(&line, &mut fresh).expect("a record");
            projection.scan(&line, &mut learned).expect("a record");
            for field in &fields {
                let get = |found| projection.get(field, line.as_bytes(), found);
                prop_assert_eq!(get(&learned), get(&fresh), "{} {:?}", line, field);
            }
        }
        prop_assert!(learned.layout.is_some());
    }
}
