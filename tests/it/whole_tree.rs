//! Whole trees: files and streams beside a naive model, beside dl-tree, and in pipes that
//! stay open.

mod again;
mod streams;
mod tasks;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
};

use proptest::{collection::vec, prelude::*};

use crate::{
    support::{Dir, program, root, samples},
    tries::tries,
};

/// A record, written by one of several producers.
#[derive(Clone, Debug)]
struct Told {
    tree: Option<u8>,
    is_error: bool,
    producer: u8,
    padding: usize,
}

fn told() -> impl Strategy<Value = Told> {
    let padding = prop_oneof![8 => 0..40_usize, 1 => 20_000..60_000_usize];
    let tree = prop::option::weighted(0.9, 0..8_u8);
    (tree, prop::bool::weighted(0.08), 0..5_u8, padding).prop_map(
        |(tree, is_error, producer, padding)| Told {
            tree,
            is_error,
            producer,
            padding,
        },
    )
}

impl Told {
    fn line(&self, number: usize) -> String {
        let pad = "x".repeat(self.padding);
        let (number_of_level, level) = if self.is_error {
            (40, "ERROR")
        } else {
            (20, "INFO")
        };
        let Some(tree) = self.tree else {
            return format!("{{\"n\":{number},\"level\":\"{level}\",\"pad\":\"{pad}\"}}\n");
        };
        let id = format!("9fdc7a5e-0000-4000-8000-00000000000{tree}");
        match self.producer {
            // Eliot's level is of an action below, as in another process.
            0 => format!(
                "{{\"task_uuid\":\"{id}\",\"task_level\":[2,{number}],\"log_level\":\"{level}\",\"pad\":\"{pad}\"}}\n"
            ),
            1 => format!(
                "{{\"levelno\":{number_of_level},\"message\":\"{number}\",\"pad\":\"{pad}\",\"context\":{{\"key\":\"{number}@{id}/1/2\"}}}}\n"
            ),
            2 => format!(
                "{{\"trace_id\":\"{id}\",\"severity\":\"{level}\",\"n\":{number},\"pad\":\"{pad}\"}}\n"
            ),
            3 => format!(
                "{{ \"n\" : {number}, \"level\" : \"{level}\", \"requestId\" : \"{id}\", \"pad\":\"{pad}\" }}\n"
            ),
            // The same id with an escape in it.
            _ => format!(
                "{{\"pad\":\"{pad}\",\"request_id\":\"\\u0039{}\",\"level\":\"{level}\",\"n\":{number}}}\n",
                &id[1..]
            ),
        }
    }
}

/// What is selected, by the words of the manual.
fn naive(records: &[Told], invert: bool) -> Vec<usize> {
    let failed: BTreeSet<u8> = records
        .iter()
        .filter(|record| record.is_error)
        .filter_map(|record| record.tree)
        .collect();
    let selected = |record: &Told| match record.tree {
        Some(tree) => failed.contains(&tree),
        None => record.is_error,
    };
    (0..records.len())
        .filter(|&number| selected(&records[number]) != invert)
        .collect()
}

fn pack(text: &str, how: u8) -> Vec<u8> {
    match how {
        0 => text.into(),
        1 => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text.as_bytes()).expect("memory");
            encoder.finish().expect("memory")
        }
        _ => zstd::encode_all(text.as_bytes(), 1).expect("memory"),
    }
}

/// The lines of each tree, in their order; the others each by itself.
fn by_tree<'l>(numbers: &[usize], records: &[Told], lines: &'l [String]) -> Vec<Vec<&'l str>> {
    let mut trees: BTreeMap<(u8, usize), Vec<&str>> = BTreeMap::new();
    for &number in numbers {
        let key = records[number]
            .tree
            .map_or((u8::MAX, number), |tree| (tree, 0));
        trees.entry(key).or_default().push(&lines[number]);
    }
    trees.into_values().collect()
}

proptest! {
    #![proptest_config(tries(40))]

    #[test]
    fn files_and_streams_give_what_a_naive_search_finds(
        records in vec(told(), 0..80),
        cuts in vec((0..80_usize, 0..3_u8), 0..4),
        jobs in 1..5_u8,
        invert: bool,
    ) {
        let lines: Vec<_> = (0..).zip(&records).map(|(number, told)| told.line(number)).collect();
        let expect = naive(&records, invert);
        let args = ["--whole-tree", "level >= error", "-j", &jobs.to_string()].map(str::to_owned);
        let args: Vec<&str> = args.iter().map(String::as_str).chain(invert.then_some("-v")).collect();

        let dir = Dir::new();
        let mut files = Vec::new();
        let mut ends: Vec<_> = cuts.iter().map(|&(at, how)| (at.min(lines.len()), how)).collect();
        ends.push((lines.len(), 0));
        ends.sort_unstable();
        let mut start = 0;
        for (number, (end, how)) in ends.into_iter().enumerate() {
            files.push(dir.file(&number.to_string(), pack(&lines[start..end].concat(), how)));
            start = end;
        }
        let text: String = expect.iter().map(|&number| lines[number].as_str()).collect();
        let ran = program("dl-filter").args(&args).files(&files).output();
        prop_assert!(ran == text.as_bytes(), "{}", String::from_utf8_lossy(&ran));

        let ran = program("dl-filter").args(&args).stdin(lines.concat()).output();
        let ran = String::from_utf8(ran).expect("text");
        let number_of = |line: &str| lines.iter().position(|other| other == line).expect("one of ours");
        let numbers: Vec<_> = ran.split_inclusive('\n').map(number_of).collect();
        prop_assert_eq!(
            by_tree(&numbers, &records, &lines),
            by_tree(&expect, &records, &lines)
        );

        let mut count = program("dl-filter").args(&args).arg("--count").files(&files);
        prop_assert_eq!(count.run().stdout, format!("{}\n", expect.len()).into_bytes());
        count = program("dl-filter").args(&args).arg("-c").stdin(lines.concat());
        prop_assert_eq!(count.run().stdout, format!("{}\n", expect.len()).into_bytes());
    }
}

/// Whatever dl-tree makes a tree of is a whole tree here.
#[test]
fn the_trees_are_those_of_dl_tree() {
    let dir = Dir::new();
    let mut all: Vec<u8> = Vec::new();
    for path in samples() {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with("eliot") || name.starts_with("distlog") {
            all.extend(fs::read(&path).expect("a sample"));
            all.push(b'\n');
        }
    }
    all.extend(fs::read(root().join("tests/data/shop.ndjson")).expect("a sample"));
    let all = dir.file("all", all);
    let trees = program("dl-tree").arg(&all).run().stdout;
    let trees = dir.file("trees", trees);
    let rows = program("dl-filter").arg("true").arg(&trees).output();
    let ids: BTreeSet<String> = rows
        .split(|&b| b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| {
            let tree: serde_json::Value = serde_json::from_slice(line).expect("a tree");
            tree["tree"].as_str().expect("an id").to_owned()
        })
        .collect();
    assert!(ids.len() > 15, "{ids:?}");
    for id in &ids {
        let expr = format!("tree == {}", serde_json::Value::from(id.as_str()));
        let whole = program("dl-filter")
            .args(&["--whole-tree", &expr])
            .arg(&all)
            .run();
        let again = program("dl-tree").stdin(&whole.stdout).run();
        let same = program("dl-filter").arg(&expr).arg(&trees).output();
        assert!(!same.is_empty(), "{id}");
        assert_eq!(
            (
                String::from_utf8_lossy(&again.stdout),
                again.stderr.as_str()
            ),
            (String::from_utf8_lossy(&same), ""),
            "{id}"
        );
    }
}
