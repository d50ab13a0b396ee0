//! What comes out of buckets, in tables and at their bounds.

use super::*;

/// What comes out for records of these loggers and seconds, `-` for no second; `!` ends.
fn play(rate: &str, by: Option<&str>, script: &str) -> String {
    let mut throttle = Throttle::parse(rate, by).expect("a rate");
    let mut out = Vec::new();
    let mut emit = |emit: Emit<'_>| {
        let (Emit::Pass(line) | Emit::Add(line)) = emit;
        out.push(String::from_utf8_lossy(line).into_owned());
        Ok::<(), ()>(())
    };
    for word in script.split_ascii_whitespace() {
        let (logger, second) = word.split_at(1);
        let line = match second {
            "" => format!("{{\"logger\":\"{logger}\"}}"),
            second => format!("{{\"logger\":\"{logger}\",\"time\":{second}}}"),
        };
        throttle.push(line.as_bytes(), &mut emit).expect("emitted");
    }
    throttle.finish(&mut emit).expect("emitted");
    out.join("\n")
        .replace("{\"logger\":\"", "")
        .replace("\",\"time\":100000", "")
        .replace("\"}", "")
        .replace(",\"dl\":{\"throttled\":", "+")
        .replace('}', "")
        .replace('\n', " ")
}

#[test]
fn a_bucket_is_full_at_first_and_refills() {
    let check = |rate: &str, script: &str, expect: &str| {
        let script: Vec<_> = script
            .split(' ')
            .map(|word| match word.split_at(1) {
                (logger, "") => logger.to_owned(),
                (logger, second) => format!("{logger}100000{second}"),
            })
            .collect();
        assert_eq!(play(rate, None, &script.join(" ")), expect, "{script:?}");
    };
    check(
        "2/s",
        "a000 a000 a000 a001 a001 a001 a005",
        "a000 a000 a001+1 a001 a005+1",
    );
    check(
        "2/s",
        "a000 a000 a000.4 a000.5 a000.5 a001",
        "a000 a000 a000.5+1 a001+1",
    );
    // Of skewed clocks the later one counts; a clock that is far behind starts anew.
    check("1/s", "a100 b099 a101 b100 a102", "a100 a101+1 a102+1");
    check("1/s", "a100 a000 a001 a002", "a100 a001+1 a002");
    // Without time, the last one; before the first, there is no rate.
    check("1/m", "a a a a100 a a160", "a a a a100 a160+1");
}

#[test]
fn each_key_has_its_own_bucket_and_its_own_count() {
    let out = play(
        "1/m",
        Some("logger"),
        "a1000000001 b1000000001 a1000000002 a1000000003",
    );
    assert_eq!(
        out,
        "a0001 b0001 {\"dl\":{\"kind\":\"loss\",\"stage\":\"throttle\",\"by\":\"logger\",\"key\":\"a\",\"records\":2,\"from\":\"2001-09-09T01:46:42Z\",\"to\":\"2001-09-09T01:46:43Z"
    );
}

#[test]
fn counts_of_others_are_kept() {
    let mut throttle = Throttle::parse("1/h", None).expect("a rate").for_rule("r");
    let mut out = Vec::new();
    let mut emit = |emit: Emit<'_>| {
        let (Emit::Pass(line) | Emit::Add(line)) = emit;
        out.push(String::from_utf8_lossy(line).into_owned());
        Ok::<(), ()>(())
    };
    for line in [
        r#"{"time":1000000000}"#,
        r#"{"time":1000000000,"dl":{"repeats":5,"throttled":2}}"#,
        r#"{"dl":{"kind":"loss","records":9}}"#,
        "no record",
    ] {
        throttle.push(line.as_bytes(), &mut emit).expect("emitted");
    }
    // Not at once, but after ten seconds of silence.
    for second in [0, 9, 11] {
        throttle
            .idle(Instant(second * 1_000_000_000), &mut emit)
            .expect("emitted");
    }
    throttle.finish(&mut emit).expect("emitted");
    assert_eq!(
        out,
        [
            r#"{"time":1000000000}"#,
            r#"{"dl":{"kind":"loss","records":9}}"#,
            "no record",
            r#"{"dl":{"kind":"loss","stage":"throttle","rule":"r","records":7,"from":"2001-09-09T01:46:40Z","to":"2001-09-09T01:46:40Z"}}"#,
        ]
    );
}

#[test]
fn the_number_of_keys_is_bounded_and_what_is_forgotten_is_told() {
    let mut throttle = Throttle::parse("1/h", Some(".k")).expect("a rate");
    let mut told = 0;
    for key in 0..2 * MOST_KEYS {
        let line = format!("{{\"time\":1000000000,\"k\":\"{key}{}\"}}", "x".repeat(400));
        for _ in 0..2 {
            let count = &mut |emit: Emit<'_>| {
                told += u32::from(matches!(emit, Emit::Add(_)));
                Ok::<(), ()>(())
            };
            throttle.push(line.as_bytes(), count).expect("emitted");
        }
    }
    assert_eq!(throttle.buckets.len(), MOST_KEYS);
    assert!(
        throttle
            .buckets
            .iter()
            .all(|(key, _)| key.as_ref().is_some_and(|key| key.len() < 300))
    );
    assert_eq!(told, 10_000);
}
