//! What a user means who writes the id of a request.

use std::borrow::Cow;

use super::{
    TreeId,
    announced::task_of_trace,
    trace_id::{Form, is_usual, trace_of},
};

/// What is compared with requests if a user means the one of this id: itself, and the trace that
/// it may be, in any spelling, also as a UUID; and the task of distlog that it may be.
pub fn meant(id: &str) -> Vec<String> {
    let low = |text: &str, form| {
        let TreeId { id, .. } = trace_of(Cow::Owned(text.to_owned()), form)?;
        Some(id.text().into_owned())
    };
    let mut all = vec![id.to_owned()];
    all.extend(low(id, Form::Any));
    // Fewer digits are a counter.
    if id.len() > 16 && id.bytes().all(|byte| byte.is_ascii_digit()) {
        all.extend(low(id, Form::Decimal));
    }
    let bare = id.replace('-', "");
    if id.len() == 36 && bare.len() == 32 && is_usual(&bare) {
        all.extend(low(&bare, Form::Any));
    }
    all.extend(task_of_trace(id));
    all.sort_unstable();
    all.dedup();
    all
}

/// Texts of which one stands in each record that names one of these requests, as [`meant`] has
/// them; `None` if that is not known.
pub fn marks(meant: &[String]) -> Option<Vec<String>> {
    /// So many digits of a trace's id are the last of a UUID too.
    const TAIL: usize = 12;
    let mut all = Vec::new();
    for id in meant {
        // What is put together of several values.
        if id.contains(['@', ':', ' ', '{']) {
            return None;
        }
        if !is_usual(id) || id.len() != 16 {
            all.push(id.clone());
            continue;
        }
        // Zeros in front may be missing.
        let digits = id.trim_start_matches('0');
        let tail = &digits[digits.len().saturating_sub(TAIL)..];
        all.extend([tail.to_ascii_lowercase(), tail.to_ascii_uppercase()]);
        all.extend(u64::from_str_radix(id, 16).map(|number| number.to_string()));
    }
    all.sort_unstable();
    all.dedup();
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = "6b003e24000000007fd21e1e22f804ac";
    const LOW: &str = "7fd21e1e22f804ac";

    #[test]
    fn a_user_may_write_the_id_of_a_trace_in_any_way() {
        let check = |id: &str, expect: &[&str]| assert_eq!(meant(id), expect, "{id}");
        let task = "6b003e24-0000-0000-7fd2-1e1e22f804ac";
        check(FULL, &[task, FULL, LOW]);
        check(LOW, &[LOW]);
        check("9210457302710617260", &[LOW, "9210457302710617260"]);
        check(task, &[task, LOW]);
        check("aeb355", &["aeb355"]);
        check("12345678", &["12345678"]);
    }

    #[test]
    fn what_has_the_id_has_one_of_its_marks() {
        let of = |id: &str| marks(&meant(id));
        let marks = of(FULL).expect("marks");
        for spelt in [
            "0x6B003E24000000007FD21E1E22F804AC",
            "9210457302710617260",
            "1-6b003e24-000000007fd21e1e22f804ac",
            "6b003e24-0000-0000-7fd2-1e1e22f804ac",
        ] {
            assert!(marks.iter().any(|mark| spelt.contains(mark)), "{spelt}");
        }
        let short = of("0000001e22f804ac").expect("marks");
        assert!(short.iter().any(|mark| "1e22f804ac".contains(mark)));
        assert_eq!(of("aeb355"), Some(vec!["aeb355".to_owned()]));
        assert_eq!(of("7@shop"), None);
    }
}
