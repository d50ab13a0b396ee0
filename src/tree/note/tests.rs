//! What is noted is what is read again.

use super::{super::scheme::Part, *};

/// The note of a record in a scope, and what it says of the record.
fn noted<'a>(scope: Scope<'_>, exception: &str, line: &'a str) -> Option<(u8, Placed<'a>)> {
    let placement = Placement {
        scope,
        position: 300,
        starts: Starts::IfAny,
        role: Role::Start { ends: true },
        name: Some(line.as_bytes()[1..4].into()),
        exception: Some(exception.into()),
        ..Placement::default()
    };
    let field = |start: usize, end: usize| {
        Some(Value {
            kind: Kind::Plain,
            raw: &line.as_bytes()[start..end],
        })
    };
    let located = Located::Read([field(5, 9), None, field(9, 10)]);
    let mut note = Vec::new();
    let told = (Some(Instant(-5)), Some(Level(20)));
    write(&placement, told, located, 3, line.as_bytes(), &mut note);
    let noted = Noted::read(&note)?;
    Some((noted.scheme, noted.placed(line.as_bytes())?))
}

#[test]
fn what_is_noted_is_read_again() {
    let scope: Scope<'_> = Scope::Path(
        [Part::Number(7), Part::Text("é".into())]
            .into_iter()
            .collect(),
    );
    let (scheme, placed) = noted(scope.clone(), "E: é", "{abc:main7}").expect("a note");
    assert_eq!((scheme, placed.time), (3, Some(Instant(-5))));
    assert_eq!(placed.level, Some(Level::CRITICAL));
    assert_eq!(placed.process.name().as_deref(), Some("main:7"));
    let placement = placed.placement;
    assert_eq!((placement.scope, placement.position), (scope, 300));
    assert_eq!(placement.role, Role::Start { ends: true });
    assert_eq!(placement.starts, Starts::IfAny);
    assert_eq!(placement.name.as_deref(), Some(&b"abc"[..]));
    assert_eq!(placement.exception.as_deref(), Some("E: é"));
}

#[test]
fn what_is_long_is_not_noted() {
    let scope = |length: usize| {
        let name = Part::Text("x".repeat(length).into());
        Scope::Path([name].into_iter().collect())
    };
    let is_noted = |scope, exception: &str| noted(scope, exception, "{abc:main7}").is_some();
    assert!(is_noted(scope(200), "E"));
    assert!(!is_noted(scope(300), "E"));
    assert!(!is_noted(scope(200), &"E".repeat(300)));
    assert!(!is_noted(Scope::Id("x".into()), "E"));
}
