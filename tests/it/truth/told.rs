//! What dl-tree tells: its output, read into the same form as what is expected.

use serde_json::Value;

use super::{
    node::{Node, Tree},
    record::Status,
};

const FLAGS: [&str; 4] = ["start_missing", "inferred", "duplicate", "late"];

/// The trees of an output.
pub(super) fn trees(output: &[u8]) -> Vec<Tree> {
    let lines = output
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .map(|line| {
            tree(
                &serde_json::from_slice(line)
                    .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(line))),
            )
        })
        .collect()
}

fn tree(value: &Value) -> Tree {
    let mut root = node(&value["root"]);
    root.sort();
    Tree {
        scheme: value["scheme"].as_str().expect("a scheme").to_owned(),
        id: value["tree"].as_str().map(str::to_owned),
        complete: value["complete"].as_bool().expect("complete or not"),
        errors: value["errors"]
            .as_u64()
            .and_then(|errors| usize::try_from(errors).ok())
            .expect("a number of errors"),
        root,
    }
}

fn node(value: &Value) -> Node {
    let list = |key: &str| value[key].as_array().map_or(&[][..], Vec::as_slice);
    let rec = |record: &Value| {
        record["rec"]
            .as_u64()
            .unwrap_or_else(|| panic!("a record without its number: {record}"))
    };
    let flag = |flag: &Value| {
        let known = FLAGS.iter().find(|name| **name == *flag);
        *known.unwrap_or_else(|| panic!("an unknown flag: {flag}"))
    };
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let records: Vec<_> = list("records").iter().map(rec).collect();
    let children: Vec<_> = list("children").iter().map(node).collect();
    Node {
        status: status(&value["status"]),
        flags: list("flags").iter().map(flag).collect(),
        edge: text("edge"),
        turns: Some(children.iter().map(Node::least).collect()),
        children,
        name: text("name"),
        exception: text("exception"),
        order: Some(records.clone()),
        records,
    }
}

fn status(word: &Value) -> Status {
    [
        Status::Unknown,
        Status::Running,
        Status::Succeeded,
        Status::Failed,
    ]
    .into_iter()
    .find(|status| *word == status.name())
    .unwrap_or_else(|| panic!("an unknown status: {word}"))
}
