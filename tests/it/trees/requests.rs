//! What is told of a request that nothing but its id holds together.

use proptest::{collection::vec, option, prelude::*};
use serde_json::{Map, Value, json};

use super::{joined::start, values};
use crate::{support::program, tries::tries};

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

#[test]
fn all_who_wrote_of_it_took_part() {
    let wrote = |service: &str, host: &str, second: u8| {
        format!(
            "{{\"request_id\":\"{ID}\",\"service\":\"{service}\",\"host\":\"{host}\",\"pid\":7,\"time\":\"2026-11-20T12:00:{second:02}Z\"}}\n"
        )
    };
    let lines = [
        wrote("proxy", "a", 1),
        wrote("shop", "b", 2),
        wrote("proxy", "a", 3),
        answered(4),
        wrote("shop", "b", 5),
        wrote("stock", "b", 6),
    ];
    let tree = tree(&lines);
    let names = ["proxy:7", "shop:7", "stock:7"];
    let records = [2, 2, 1];
    let hosts = ["a", "b", "b"];
    assert_eq!(tree["processes"], json!(names));
    let root = &tree["root"];
    assert_eq!(root["process"], names[0]);
    for (at, name) in names.into_iter().enumerate() {
        let wrote = json!({"process": name, "host": hosts[at], "records": records[at]});
        assert_eq!(root["writers"][at], wrote);
        let share = &tree["shares"][at];
        assert_eq!(
            (&share["process"], &share["host"], &share["records"]),
            (&wrote["process"], &wrote["host"], &wrote["records"])
        );
        assert_eq!(share["nodes"], 1);
    }
    let times = tree["shares"].as_array().expect("shares").iter();
    let times: Vec<_> = times.map(|share| share["self"].clone()).collect();
    assert_eq!(times, [json!(5), json!(0), json!(0)]);
    // What one has written, or begun, is that one's.
    let mine = [wrote("shop", "b", 1), wrote("shop", "b", 2)];
    let mine = self::tree(&mine);
    assert_eq!(mine["root"].get("writers"), None);
    assert_eq!(mine["processes"], json!(["shop:7"]));
    assert_eq!(mine.get("shares"), None);
}

#[test]
fn the_first_process_is_not_on_the_host_of_another() {
    let wrote = |told: &str, second: u8| {
        format!(
            "{{\"request_id\":\"{ID}\",{told}\"pid\":7,\"time\":\"2026-11-20T12:00:{second:02}Z\"}}\n"
        )
    };
    let (proxy, shop) = (
        "\"service\":\"proxy\",",
        "\"service\":\"shop\",\"host\":\"b\",",
    );
    let tree = tree(&[wrote(proxy, 1), wrote(shop, 2)]);
    assert_eq!(tree["root"]["process"], "proxy:7");
    assert_eq!(tree["root"].get("host"), None);
    assert_eq!(tree["shares"][0].get("host"), None);
    assert_eq!(tree["shares"][1]["host"], "b");
}

/// Containers all have process 1.
#[test]
fn two_hosts_may_have_processes_of_one_name() {
    let wrote = |host: &str, path: &str, second: u8| {
        format!(
            "{{\"task_uuid\":\"t\",\"task_level\":[{path}],\"message_type\":\"m\",\"service\":\"shop\",{host}\"pid\":1,\"timestamp\":{second}}}\n"
        )
    };
    let (one, other) = ("\"host\":\"web-1\",", "\"host\":\"web-2\",");
    let lines = [
        wrote(one, "1", 1),
        wrote(other, "2,1", 2),
        wrote(other, "2,2", 3),
        wrote("", "3,1", 4),
    ];
    let tree = tree(&lines);
    assert_eq!(tree["processes"], json!(["shop:1", "shop:1"]));
    let shares: Vec<_> = (0..2)
        .map(|at| &tree["shares"][at])
        .map(|share| {
            [
                &share["process"],
                &share["host"],
                &share["records"],
                &share["nodes"],
            ]
        })
        .collect();
    let expect = [
        [json!("shop:1"), json!("web-1"), json!(2), json!(2)],
        [json!("shop:1"), json!("web-2"), json!(2), json!(1)],
    ];
    assert_eq!(shares, expect.each_ref().map(<[Value; 4]>::each_ref));
}

proptest! {
    #![proptest_config(tries(40))]

    /// Beside a list of names that is made record by record.
    #[test]
    fn those_who_took_part_are_those_whom_records_name(
        told in vec((option::of(0..3_u8), option::of(0..3_u8), option::of(0..3_u8)), 1..20),
        turn in 0_usize..20,
    ) {
        let mut expect = Vec::<(String, Option<String>, usize)>::new();
        let mut lines = Vec::new();
        for (second, (service, host, number)) in told.iter().enumerate() {
            let mut record = Map::new();
            record.insert("request_id".into(), ID.into());
            record.insert("time".into(), format!("2026-11-20T12:00:{second:02}Z").into());
            let service = service.map(|n| format!("s{n}"));
            let host = host.map(|n| format!("h{n}"));
            let number = number.map(|n| n.to_string());
            for (key, value) in [("service", &service), ("host", &host), ("pid", &number)] {
                if let Some(value) = value {
                    record.insert(key.into(), value.clone().into());
                }
            }
            lines.push(format!("{}\n", Value::from(record)));
            let parts: Vec<_> = service.or(host.clone()).into_iter().chain(number).collect();
            if !parts.is_empty() {
                let name = parts.join(":");
                // One whose host is not told is the first of its name.
                let is_it = |(known, on, _): &&mut (String, Option<String>, usize)| {
                    *known == name && (host.is_none() || on.is_none() || *on == host)
                };
                match expect.iter_mut().find(is_it) {
                    Some((_, on, records)) => {
                        *on = on.take().or(host);
                        *records += 1;
                    }
                    None => expect.push((name, host, 1)),
                }
            }
        }
        let middle = turn % lines.len();
        lines.rotate_left(middle);
        let tree = tree(&lines);
        let names: Vec<_> = expect.iter().map(|(name, ..)| name).collect();
        prop_assert_eq!(&tree["processes"], &json!(names));
        let shares = tree["shares"].as_array().into_iter().flatten();
        let shares: Vec<_> = shares
            .map(|share| (share["process"].as_str().unwrap_or_default(), share["host"].as_str(), share["records"].as_u64()))
            .collect();
        let wrote: Vec<_> = expect
            .iter()
            .map(|(name, host, records)| (&**name, host.as_deref(), Some(*records as u64)))
            .collect();
        prop_assert_eq!(shares, if wrote.len() > 1 { wrote } else { Vec::new() });
    }
}
