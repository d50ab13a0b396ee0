//! Programs without end, and records that are made to be too much.

use super::jq;

/// A program that is too much for a record, between two records that are none.
#[track_caller]
fn rejected(text: &str, reason: &str) {
    let guarded = format!("if .x then {text} else . end");
    let ran = jq(&guarded, b"{\"a\":1}\n{\"x\":1}\n{\"a\":2}\n");
    assert_eq!(
        String::from_utf8_lossy(&ran.stdout),
        "{\"a\":1}\n{\"a\":2}\n",
        "{text}"
    );
    let expect = format!("1 line rejected, the first at <stdin>:2: jq: {reason}\n");
    assert!(ran.stderr.contains(&expect), "{text}: {}", ran.stderr);
    assert_eq!(ran.status, 0);
}

#[test]
fn no_program_runs_without_end() {
    const STEPS: &str = "the program takes too many steps on this record";
    for text in [
        "def f: f; f",
        "[range(1e12)]",
        "repeat(1)",
        "last(repeat(1))",
        "until(false; .)",
        "[recurse(.)]",
        "reduce range(1e12) as $i (0; . + 1)",
        "first(range(1e12) | select(. < 0))",
        "try repeat(1) catch .",
        "[(range(1e12))?] | length",
        "[range(200) as $a | range(200) as $b | range(200)] | length",
        "[(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)\
         +(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)+(0,1)]",
    ] {
        rejected(text, STEPS);
    }
}

#[test]
fn no_program_overflows_the_stack() {
    const CALLS: &str = "the program calls itself too many times on this record";
    const NESTS: &str = "the program nests too many values on this record";
    rejected("def f: 1 + f; f", CALLS);
    rejected(
        "def f(n): if n == 0 then 0 else 1 + f(n - 1) end; f(100000)",
        CALLS,
    );
    rejected("def f: [f]; f", CALLS);
    rejected("(def f: f | .; f)", CALLS);
    rejected("reduce range(900000) as $i (0; [.])", NESTS);
    rejected("last(limit(900000; recurse([.])))", NESTS);
    rejected("reduce range(900000) as $i ([1]; group_by(.))", NESTS);
    rejected("reduce range(900000) as $i ({}; {} + {a: .})", NESTS);
    rejected("null | setpath([range(200000) | 0]; 1)", NESTS);
    rejected(
        "\"[\" * 100000 | fromjson",
        "no JSON: deeper than 10,000 levels in column 10001",
    );
}

#[test]
fn no_program_takes_all_memory() {
    const LONG: &str = "the program makes too long a value of this record";
    rejected("\"x\" * 1e12", LONG);
    rejected("reduce range(60) as $i (\"x\"; . + .)", LONG);
    rejected("reduce range(60) as $i (\"x\"; . += .)", LONG);
    rejected("reduce range(60) as $i (\"x\"; . * 2)", LONG);
    rejected("reduce range(60) as $i ([1]; . + .)", LONG);
    rejected("reduce range(60) as $i (\"x\"; \"\\(.)\\(.)\")", LONG);
    rejected("reduce range(60) as $i (3; . * .) | 1", LONG);
    rejected("reduce range(60) as $i (1; [., .]) | tojson", LONG);
    rejected(
        "reduce range(60) as $i (1; [., .])",
        "the result is too long",
    );
    rejected("range(500) | \"x\" * 100000", "the results are too long");
    rejected(".a[1000000000000] = 1", LONG);
}

#[test]
fn depth_has_a_limit_and_a_reason() {
    let line = |levels: usize| format!("{{\"a\":{}{}}}\n", "[".repeat(levels), "]".repeat(levels));
    let input = line(9_999) + &line(100_000) + "{\"b\":1}\n";
    for text in [".", "[..] | length | {b: 1}", "tojson | fromjson", ". == ."] {
        let ran = jq(text, input.as_bytes());
        assert!(
            ran.stderr
                .contains("1 line rejected, the first at <stdin>:2: jq: deeper than 10,000 levels in column 10005\n"),
            "{text}: {} {}",
            ran.status,
            ran.stderr
        );
        let last = ran.stdout.split_inclusive(|b| *b == b'\n').next_back();
        assert!(last.is_some_and(|line| line.len() < 10), "{text}");
    }
    // Going down this way takes so much stack that a build without optimisation gives up.
    let ran = jq("walk(.)", input.as_bytes());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.ends_with(b"{\"b\":1}\n"));
}

#[test]
fn a_program_may_be_anything() {
    let check = |text: &str| {
        let ran = jq(text, b"{\"a\":1}\n");
        assert!(
            ran.status == 2 && ran.stderr.starts_with("dl-filter: --jq: "),
            "{} {}",
            ran.status,
            ran.stderr
        );
        assert!(ran.stderr.len() < 1000, "{}", ran.stderr);
    };
    for piece in [
        "(",
        "[",
        "{a:",
        "-",
        "try ",
        "if ",
        "def f: ",
        ".[",
        "\"\\(",
        "reduce ",
        "1 as [",
        "label $x | ",
    ] {
        check(&piece.repeat(60_000 / piece.len()));
    }
    check(&".|".repeat(40_000));
    check(&format!("{}1", ".|".repeat(2_000)));
    check(&format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000)));
    check("\u{1b}[31m \u{7f}");
    check("💩");
    check("");
}
