//! Expressions beside records that they select and records that they do not.

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
