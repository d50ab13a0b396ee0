//! What goes in comes out, or is counted: for any records in any order of times.

use std::collections::HashMap;

use distlog::clean::{Dedup, Emit, Throttle};
use proptest::prelude::*;

use crate::tries::tries;
use serde_json::Value;

/// For how many records these stand, themselves counted.
pub(super) fn weigh<'a>(lines: impl Iterator<Item = &'a str>) -> u64 {
    let count = |value: &Value| value.as_u64();
    lines
        .map(|line| {
            let record: Value = serde_json::from_str(line).expect("a record");
            let dl = &record["dl"];
            if dl["kind"] == "loss" {
                return count(&dl["records"]).expect("a count");
            }
            count(&dl["repeats"]).unwrap_or(1) + count(&dl["throttled"]).unwrap_or(0)
        })
        .sum()
}

/// A record that is about to be: key, time in tenths of a second, and counts of others.
type Draft = (u8, Option<i32>, Option<u8>, Option<u8>, bool);

fn line((key, tenths, repeats, throttled, odd): &Draft) -> String {
    let time = tenths.map_or(String::new(), |tenths| {
        format!(
            "\"time\":{}.{},",
            1_700_000_000 + tenths / 10,
            tenths.rem_euclid(10)
        )
    });
    if *odd {
        return format!("{{{time}\"message\":\"{key}\",\"dl\":7}}");
    }
    let member = |name: &str, count: &Option<u8>| count.map(|count| format!("\"{name}\":{count}"));
    let dl: Vec<_> = [
        member("repeats", &repeats.map(|n| n.max(1))),
        member("throttled", throttled),
    ]
    .into_iter()
    .flatten()
    .collect();
    let dl = match dl.as_slice() {
        [] => String::new(),
        dl => format!(",\"dl\":{{{}}}", dl.join(",")),
    };
    format!("{{{time}\"message\":\"{key}\"{dl}}}")
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let draft = (
        0_u8..6,
        prop::option::weighted(0.9, 0_i32..3_000),
        prop::option::weighted(0.1, 1_u8..9),
        prop::option::weighted(0.1, 0_u8..9),
        prop::bool::weighted(0.05),
    );
    prop::collection::vec(draft, 0..200)
}

fn keep(out: &mut Vec<String>) -> impl FnMut(Emit<'_>) -> Result<(), ()> {
    |emit| {
        let (Emit::Pass(line) | Emit::Add(line)) = emit;
        out.push(String::from_utf8(line.to_vec()).expect("text"));
        Ok(())
    }
}

fn throttle(rate: &str, by: Option<&str>, lines: &[String]) -> Vec<String> {
    let mut throttle = Throttle::parse(rate, by).expect("a rate");
    let mut out = Vec::new();
    for line in lines {
        throttle
            .push(line.as_bytes(), &mut keep(&mut out))
            .expect("kept");
    }
    throttle.finish(&mut keep(&mut out)).expect("kept");
    out
}

fn dedup(window: &str, lines: &[String]) -> Vec<String> {
    let mut dedup = Dedup::parse::<&str>(window, &[]).expect("a window");
    let mut out = Vec::new();
    for line in lines {
        dedup
            .push(line.as_bytes(), &mut keep(&mut out))
            .expect("kept");
    }
    dedup.finish(&mut keep(&mut out)).expect("kept");
    out
}

proptest! {
    #![proptest_config(tries(200))]

    #[test]
    fn everything_is_counted(drafts in drafts(), sort in any::<bool>()) {
        let mut drafts = drafts;
        if sort {
            drafts.sort_by_key(|draft| draft.1);
        }
        let lines: Vec<_> = drafts.iter().map(line).collect();
        // A record whose dl is not ours has no room for counts of its own.
        let weight = weigh(lines.iter().map(String::as_str));
        for (rate, by) in [("3/s", None), ("5/m", Some("message")), ("1/h", Some(".none"))] {
            let out = throttle(rate, by, &lines);
            prop_assert_eq!(weigh(out.iter().map(String::as_str)), weight, "{} {:?}", rate, by);
            let both = dedup("20s", &out);
            prop_assert_eq!(weigh(both.iter().map(String::as_str)), weight);
        }
        let out = dedup("20s", &lines);
        prop_assert_eq!(weigh(out.iter().map(String::as_str)), weight);
        let both = throttle("10/m", None, &out);
        prop_assert_eq!(weigh(both.iter().map(String::as_str)), weight);
    }

    #[test]
    fn in_the_order_of_time_it_is_what_a_naive_reader_expects(
        times in prop::collection::vec((0_u8..4, 0_i32..2_000), 0..150)
    ) {
        let mut times = times;
        times.sort_by_key(|time| time.1);
        let lines: Vec<_> = times.iter().map(|&(key, time)| line(&(key, Some(time), None, None, false))).collect();
        let passed = |lines: Vec<String>| lines.iter().filter(|line| !line.contains("\"loss\"")).count();
        // Five a minute: tenths of a second times five, of which a record costs 600.
        let mut buckets: HashMap<u8, (i32, i32)> = HashMap::new();
        let through = times.iter().filter(|&&(key, time)| {
            let (level, at) = buckets.entry(key).or_insert((3_000, time));
            *level = 3_000.min(*level + (time - *at) * 5);
            *at = time;
            let enough = *level >= 600;
            *level -= if enough { 600 } else { 0 };
            enough
        });
        prop_assert_eq!(passed(throttle("5/m", Some("message"), &lines)), through.count());
        // Twenty seconds from the first of a key on: it, and the last one if there is one.
        let mut windows: HashMap<u8, (i32, u32)> = HashMap::new();
        let mut expect = 0;
        for &(key, time) in &times {
            match windows.get_mut(&key) {
                Some((start, repeats)) if time - *start < 200 => {
                    *repeats += 1;
                    expect += usize::from(*repeats == 1);
                }
                _ => {
                    windows.insert(key, (time, 0));
                    expect += 1;
                }
            }
        }
        prop_assert_eq!(passed(dedup("20s", &lines)), expect);
    }
}
