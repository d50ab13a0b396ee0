//! What comes out of windows, in tables and at their bounds.

use super::*;

/// What comes out for records of this message and second; `.` at the end is the end.
fn play(window: &str, script: &str) -> String {
    let mut dedup = Dedup::parse::<&str>(window, &[]).expect("a window");
    let mut out = Vec::new();
    let mut emit = |emit: Emit<'_>| {
        let (Emit::Pass(line) | Emit::Add(line)) = emit;
        out.push(String::from_utf8_lossy(line).into_owned());
        Ok::<(), ()>(())
    };
    for word in script.split_ascii_whitespace() {
        let (message, second) = word.split_at(1);
        let line = match (message, second) {
            (".", _) => {
                dedup.finish(&mut emit).expect("emitted");
                continue;
            }
            (_, "") => format!("{{\"message\":\"{message}\"}}"),
            _ => format!("{{\"message\":\"{message}\",\"time\":1000000{second}}}"),
        };
        dedup.push(line.as_bytes(), &mut emit).expect("emitted");
    }
    out.join(" ")
        .replace("{\"message\":\"", "")
        .replace("\",\"time\":1000000", "")
        .replace('"', "")
        .replace(",dl:{repeats:", "*")
        .replace('}', "")
}

#[test]
fn the_first_and_the_last_come_out() {
    let check = |window: &str, script: &str, expect: &str| {
        assert_eq!(play(window, script), expect, "{window} {script}");
    };
    check("10s", "a100 b101 .", "a100 b101");
    check("10s", "a100 a101 a109 b110 .", "a100 a109*2 b110");
    check("10s", "a100 a109.9 a110 .", "a100 a109.9*1 a110");
    check(
        "10s",
        "a100 b101 a102 b103 a200 .",
        "a100 b101 a102*1 b103*1 a200",
    );
    // Clocks that run backwards: near is a repeat, far is another window.
    check("10s", "a100 a091 a095 .", "a100 a095*2");
    check("10s", "a100 a101 a050 a051 .", "a100 a101*1 a050 a051*1");
    // Without time, the last one.
    check("10s", "a a a100 a .", "a a*1 a100 a*1");
}

#[test]
fn what_has_nothing_to_compare_is_no_repeat() {
    let check = |by: &[&str], lines: &[&str], expect: &[&str]| {
        let mut dedup = Dedup::parse("1h", by).expect("a window");
        let mut out = Vec::new();
        let mut emit = |emit: Emit<'_>| {
            let (Emit::Pass(line) | Emit::Add(line)) = emit;
            out.push(String::from_utf8_lossy(line).into_owned());
            Ok::<(), ()>(())
        };
        for line in lines {
            dedup.push(line.as_bytes(), &mut emit).expect("emitted");
        }
        dedup.finish(&mut emit).expect("emitted");
        assert_eq!(out, expect);
    };
    let bare = r#"{"level":"info","n":1}"#;
    check(
        &[],
        &[bare, bare, "words", "words"],
        &[bare, bare, "words", "words"],
    );
    check(
        &["level"],
        &[bare, bare],
        &[bare, r#"{"level":"info","n":1,"dl":{"repeats":1}}"#],
    );
    check(&[".x", ".y"], &[bare, bare], &[bare, bare]);
    // The fields do not run into each other.
    let (ab, a) = (r#"{"x":"ab"}"#, r#"{"x":"a","y":"b"}"#);
    check(&[".x", ".y"], &[ab, a], &[ab, a]);
    let loss = r#"{"dl":{"kind":"loss","stage":"throttle"}}"#;
    check(&[".dl.kind"], &[loss, loss], &[loss, loss]);
    // Counts of others add up, and a record without room for one has it beside it.
    check(
        &[".x"],
        &[
            r#"{"x":1}"#,
            r#"{"x":1,"dl":{"repeats":4,"throttled":3}}"#,
            r#"{"x":1}"#,
        ],
        &[r#"{"x":1}"#, r#"{"x":1,"dl":{"repeats":5,"throttled":3}}"#],
    );
    check(
        &[".x"],
        &[
            r#"{"x":1,"dl":0}"#,
            r#"{"x":1,"dl":0}"#,
            r#"{"x":1,"dl":0}"#,
        ],
        &[
            r#"{"x":1,"dl":0}"#,
            r#"{"x":1,"dl":0}"#,
            r#"{"dl":{"kind":"loss","stage":"dedup","records":1}}"#,
        ],
    );
}

#[test]
fn silence_closes_windows() {
    let mut dedup = Dedup::parse("10s", &[".x"]).expect("a window");
    let mut count = 0;
    let mut emit = |_: Emit<'_>| {
        count += 1;
        Ok::<(), ()>(())
    };
    dedup.push(br#"{"x":1}"#, &mut emit).expect("emitted");
    dedup.push(br#"{"x":1}"#, &mut emit).expect("emitted");
    for second in [100, 109] {
        dedup
            .idle(Instant(second * 1_000_000_000), &mut emit)
            .expect("emitted");
    }
    assert_eq!(dedup.windows.len(), 1);
    dedup
        .idle(Instant(110_000_000_000), &mut emit)
        .expect("emitted");
    assert_eq!((dedup.windows.len(), dedup.bytes, count), (0, 0, 2));
}

#[test]
fn windows_and_lines_are_bounded() {
    let mut dedup = Dedup::parse("1h", &[".x"]).expect("a window");
    let (mut lines, mut counted) = (0, 0);
    let long = "x".repeat(100_000);
    for round in 0..2 {
        for n in 0..12_000 {
            let pad = if n % 40 == 0 { long.as_str() } else { "" };
            let line = format!("{{\"x\":{n},\"pad\":\"{pad}\"}}");
            for _ in 0..2 + round {
                let emit = &mut |emit: Emit<'_>| {
                    let (Emit::Pass(line) | Emit::Add(line)) = emit;
                    let text = String::from_utf8_lossy(line);
                    lines += u64::from(!text.contains("repeats"));
                    let count = text
                        .split("repeats\":")
                        .nth(1)
                        .map(|rest| rest.trim_end_matches('}'));
                    counted += count.map_or(0, |count| count.parse::<u64>().expect("a number"));
                    Ok::<(), ()>(())
                };
                dedup.push(line.as_bytes(), emit).expect("emitted");
            }
            assert!(dedup.windows.len() <= MOST_WINDOWS && dedup.bytes <= MOST_BYTES + 200_000);
            assert_eq!(dedup.windows.len(), dedup.order.len());
        }
    }
    let emit = &mut |emit: Emit<'_>| {
        let (Emit::Pass(line) | Emit::Add(line)) = emit;
        let text = String::from_utf8_lossy(line);
        let count = text
            .split("repeats\":")
            .nth(1)
            .expect("a repeat")
            .trim_end_matches('}');
        counted += count.parse::<u64>().expect("a number");
        Ok::<(), ()>(())
    };
    dedup.finish(emit).expect("emitted");
    assert_eq!(lines + counted, 5 * 12_000);
    assert_eq!(dedup.bytes, 0);
}
