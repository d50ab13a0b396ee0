//! What is told of a request that nothing but its id holds together.

use serde_json::{Value, json};

use super::{joined::start, values};
use crate::support::program;

const ID: &str = "b1946ac9-2c4f";

/// What a proxy writes when it has answered.
fn answered(second: u8) -> String {
    format!("{{\"request_id\":\"{ID}\",\"time\":\"2026-11-20T12:00:{second:02}Z\"}}\n")
}

/// An action that serves the request, from the second second on, and how it ended.
fn serve(task: &str, ended: Option<(u8, &str)>) -> String {
    let time = |second: u8| format!("\"timestamp\":{}", 1_795_176_000 + u64::from(second));
    let began = start(task, "1", &format!(",\"request_id\":\"{ID}\""))
        .replace("\"timestamp\":1795176001", &time(2));
    let end = ended.map(|(second, how)| {
        format!(
            "{{\"task_uuid\":\"{task}\",\"task_level\":[2],\"action_type\":\"a\",\"action_status\":\"{how}\",{}}}\n",
            time(second)
        )
    });
    began + &end.unwrap_or_default()
}

fn tree(lines: &[String]) -> Value {
    let trees = program("dl-tree").stdin(lines.concat()).output();
    let [tree] = &values(&trees)[..] else {
        panic!("{}", String::from_utf8_lossy(&trees));
    };
    tree.clone()
}

#[test]
fn it_lasts_from_the_first_scope_to_the_last_record() {
    let tree = tree(&[answered(9), serve("t", Some((8, "succeeded")))]);
    assert_eq!(tree["root"]["node"], "/");
    assert_eq!(tree["root"]["start"], "2026-11-20T12:00:02Z");
    assert_eq!(tree["root"]["duration"], json!(7));
    assert_eq!(tree["root"]["self"], json!(1));
    assert_eq!(tree["duration"], json!(7));
}

#[test]
fn it_failed_if_a_scope_directly_below_did() {
    let status = |lines: &[String]| {
        let tree = tree(lines);
        assert_eq!(tree["root"]["status"], "unknown");
        tree["status"].clone()
    };
    let failed = || serve("t", Some((8, "failed")));
    assert_eq!(status(&[answered(9), failed()]), "failed");
    // That a part of it succeeded, or has not ended, says nothing of the whole.
    assert_eq!(
        status(&[answered(9), serve("t", Some((8, "succeeded")))]),
        "unknown"
    );
    assert_eq!(status(&[answered(9), serve("t", None)]), "unknown");
    // Two scopes of one id, and nothing else that has it.
    let other = || serve("u", Some((4, "succeeded")));
    assert_eq!(status(&[failed(), other()]), "failed");
    assert_eq!(status(&[other(), serve("v", None)]), "unknown");
}

#[test]
fn a_scope_whose_end_is_not_known_may_have_caught_it() {
    // The start of the root is missing; the second scope below it failed.
    let below = "{\"task_uuid\":\"t\",\"task_level\":[2,1],\"action_type\":\"b\",\"action_status\":\"failed\"}\n";
    let tree = tree(&[below.to_owned()]);
    assert_eq!(tree["errors"], json!(1));
    assert_eq!(tree["status"], "unknown");
}

#[test]
fn it_may_be_asked_for_like_any_other() {
    let lines = [answered(9), serve("t", Some((8, "failed")))].concat();
    let trees = program("dl-tree").stdin(lines).output();
    for wanted in ["status == failed", "duration > 5s"] {
        let found = program("dl-filter").arg(wanted).stdin(&*trees).output();
        assert_eq!(found, trees, "{wanted}");
    }
}
