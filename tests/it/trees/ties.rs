//! Records of one time: the number that dl-recv gave them decides, and without it their bytes.

use serde_json::Value;

use super::values;
use crate::support::program;

/// The messages of the one tree of these lines, whatever their order.
#[track_caller]
fn messages(mut lines: Vec<String>, args: &[&str]) -> String {
    let mut told: Option<String> = None;
    for _ in 0..lines.len() {
        lines.rotate_left(1);
        let trees = program("dl-tree").args(args).stdin(lines.concat()).output();
        let [tree] = &values(&trees)[..] else {
            panic!("{}", String::from_utf8_lossy(&trees));
        };
        let root = &tree["root"];
        // All stand in one scope: the root or the one below it.
        let scope = root["children"].get(0).unwrap_or(root);
        let records = scope["records"].as_array().expect("records");
        let text = |record: &Value| record["message"].as_str().expect("a message").to_owned();
        let found: String = records.iter().map(text).collect();
        if let Some(told) = &told {
            assert_eq!(&found, told, "{lines:?}");
        }
        told = Some(found);
    }
    told.expect("lines")
}

/// A record of a request that is known by its id only, or of a scope; with a number or without.
fn record(message: char, number: Option<&str>, scope: &str) -> String {
    let number = number.map_or_else(String::new, |number| {
        format!(",\"dl\":{{\"recv\":{{\"peer\":\"p\",\"seq\":{number}}}}}")
    });
    format!("{{\"message\":\"{message}\",\"time\":\"2026-11-30T20:00:00.123Z\"{scope}{number}}}\n")
}

/// Where the ids of a record are found decides how a tree is put together.
const SCOPES: [&str; 3] = [
    ",\"request_id\":\"r1\"",
    ",\"task_uuid\":\"t1\",\"task_level\":[1]",
    ",\"trace_id\":\"6b003e24000000007fd21e1e22f804ac\",\"span_id\":\"05c48cf0ce2119a4\"",
];

#[test]
fn the_number_of_a_record_decides_between_those_of_one_time() {
    for scope in SCOPES {
        let numbered = [("9", 'd'), ("10", 'b'), ("2", 'c'), ("11", 'a')];
        let lines = numbered.map(|(number, message)| record(message, Some(number), scope));
        assert_eq!(messages(lines.to_vec(), &[]), "cdba", "{scope}");
        assert_eq!(messages(lines.to_vec(), &["-j1"]), "cdba", "{scope}");
    }
}

#[test]
fn what_has_no_number_comes_first_in_the_order_of_its_bytes() {
    for scope in SCOPES {
        let numbers = [Some("1"), None, Some("\"2\""), None];
        let lines = ["a", "d", "c", "b"].into_iter().zip(numbers);
        let lines = lines.flat_map(|(message, number)| {
            message
                .chars()
                .map(move |message| record(message, number, scope))
        });
        assert_eq!(messages(lines.collect(), &[]), "bcda", "{scope}");
    }
}
