//! Clocks of which everything is known, and times that are cut off, against what is told of the clocks.

use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    record::Instant,
    tree::{Assembler, Skew},
};

/// A host: how far its clock is ahead in nanoseconds, and how many decimals its times have.
type Clock = (i64, usize);

fn clock() -> impl Strategy<Value = Clock> {
    let ahead = prop_oneof![Just(0), -2_000_000_000..2_000_000_000_i64];
    (ahead, select(&[0, 1, 3, 6, 9][..]))
}

/// A time as a host writes it; the days are some of 2026.
fn written(real: i64, (ahead, decimals): Clock) -> String {
    Instant(1_795_176_000_000_000_000 + real + ahead).format('T', decimals) + "Z"
}

/// Calls from the one host to the other and on to the first, from inside to outside: each has begun
/// and ended within the one before. `at` are the times of it all, in order.
fn spans(at: &[i64], clocks: [Clock; 2]) -> Vec<String> {
    let calls = at.len() / 2;
    let span = |number: usize| {
        // The two ends of a call are on two hosts, and what serves one makes the next.
        let (kind, host) = (["CLIENT", "SERVER"][number % 2], number.div_ceil(2) % 2);
        let parent = match number {
            0 => "null".to_owned(),
            _ => format!("\"0x00f067aa0ba902{number:02x}\""),
        };
        format!(
            r#"{{"name":"a","context":{{"trace_id":"0x4bf92f3577b34da6a3ce929d0e0e4736","span_id":"0x00f067aa0ba902{:02x}"}},"kind":"SpanKind.{kind}","parent_id":{parent},"start_time":"{}","end_time":"{}","resource":{{"attributes":{{"host.name":"h{host}"}}}}}}"#,
            number + 1,
            written(at[number], clocks[host]),
            written(at[2 * calls - 1 - number], clocks[host])
        )
    };
    (0..calls).map(span).collect()
}

/// An action of the one host, in which the other begins one, in which the first begins one.
fn actions(at: &[i64], clocks: [Clock; 2]) -> Vec<String> {
    let action = |(number, &real): (usize, &i64)| {
        let host = number % 2;
        let level = "2,".repeat(number);
        format!(
            r#"{{"task_uuid":"t","task_level":[{level}1],"action_type":"a","action_status":"started","hostname":"h{host}","timestamp":"{}"}}"#,
            written(real, clocks[host])
        )
    };
    at.iter().enumerate().map(action).collect()
}

fn check(lines: &[String], clocks: [Clock; 2]) -> Result<(), TestCaseError> {
    let bytes: Vec<_> = lines.iter().map(String::as_bytes).collect();
    let tree = Assembler::default().assemble(&bytes);
    let [
        Skew {
            min,
            max,
            violations,
            ..
        },
    ] = &tree.skew[..]
    else {
        return Err(TestCaseError::fail(format!(
            "{:?} of {lines:#?}",
            tree.skew
        )));
    };
    let truth = Instant(clocks[1].0).seconds_since(Instant(clocks[0].0));
    let close = 2e-9;
    prop_assert!(
        min.is_none_or(|min| min <= truth + close),
        "{min:?} {truth} {lines:#?}"
    );
    prop_assert!(
        max.is_none_or(|max| truth <= max + close),
        "{max:?} {truth} {lines:#?}"
    );
    if truth == 0.0 {
        prop_assert_eq!(*violations, 0, "{:#?}", lines);
    }
    Ok(())
}

proptest! {
    #[test]
    fn what_is_told_of_clocks_is_true_of_times_that_are_cut_off(
        mut at in vec(0..3_000_000_000_i64, 8),
        clocks in [clock(), clock()],
    ) {
        at.sort_unstable();
        check(&spans(&at, clocks), clocks)?;
        check(&actions(&at, clocks), clocks)?;
    }
}

#[test]
fn only_what_may_be_later_loosens_a_bound() {
    let check = |times: [&str; 4], expect: (Option<f64>, Option<f64>, usize)| {
        let mut lines = spans(&[0; 4], [(0, 9); 2]);
        for (line, times) in lines.iter_mut().zip(times.chunks(2)) {
            let zero = written(0, (0, 9));
            for time in times {
                *line = line.replacen(&zero, &format!("2026-11-20T12:00:{time}Z"), 1);
            }
        }
        let bytes: Vec<_> = lines.iter().map(String::as_bytes).collect();
        let tree = Assembler::default().assemble(&bytes);
        let skew = &tree.skew[0];
        let rounded = [skew.min, skew.max].map(|bound| bound.map(|b| (b * 1e6).round() / 1e6));
        assert_eq!(
            (rounded[0], rounded[1], skew.violations),
            expect,
            "{times:?}"
        );
    };
    // The caller began and ended, then the callee.
    check(
        ["01", "05", "03.5000", "04.5000"],
        (Some(-1.5), Some(2.5), 0),
    );
    check(
        ["01.2500", "05.2500", "03", "04"],
        (Some(-1.25), Some(2.75), 0),
    );
    check(
        ["03.9999", "05.0001", "03", "05"],
        (Some(-0.0001), Some(0.0001), 0),
    );
    check(
        ["03.9999", "05.0001", "03.000", "05.010"],
        (Some(0.0099), Some(-0.9989), 1),
    );
}
