//! dl-recv from a stream: workers of a group, and one of them dies.

use std::{collections::BTreeMap, fs, io::Write, process::Stdio};

use futures_util::TryStreamExt;
use rustix::process::Signal;
use serde_json::Value;

use super::{Server, records, send, sorted};
use crate::support::{Dir, Kill, Program, Ran, newlines, program, wait_for, wait_for_end};

pub(super) fn recv(server: &Server, args: &[&str]) -> Program {
    program("dl-recv").arg(server.url()).args(args)
}

/// The records without what was stamped on them, in the order of their bytes.
fn bare(stdout: &[u8]) -> Vec<String> {
    let lines = std::str::from_utf8(stdout).expect("text").lines();
    let mut bare: Vec<_> = lines
        .map(|line| {
            let at = line.rfind(",\"dl\":{\"recv\":").expect("a stamp");
            format!("{}}}", &line[..at])
        })
        .collect();
    bare.sort_unstable();
    bare
}

fn told(ran: &Ran, words: &str) {
    assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
}

#[test]
fn what_was_sent_comes_once_to_each_group() {
    let server = Server::new();
    let text = records(2_000);
    let sent = send(&server.url()).args(&["--partitions", "4"]);
    sent.stdin(&text).check("", "", 0);
    let ran = recv(&server, &["--until-end", "--stats"]).run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    told(&ran, "2000 read, 2000 written, 0 filtered, 0 rejected");
    assert_eq!(bare(&ran.stdout), sorted(&text));
    let first = String::from_utf8_lossy(&ran.stdout);
    let first: Value = serde_json::from_str(first.lines().next().expect("a line")).expect("JSON");
    let stamp = &first["dl"]["recv"];
    assert_eq!(stamp["endpoint"], server.url());
    assert!(
        stamp["peer"]
            .as_str()
            .is_some_and(|peer| peer.starts_with("distlog.LOGS."))
    );
    assert!(stamp["seq"].as_u64().is_some_and(|seq| seq > 0));
    assert_eq!(stamp["replayed"], Value::Null);
    // What has been finished with does not come again, but what is new does.
    let ran = recv(&server, &["--until-end"]).run();
    assert_eq!(
        (newlines(&ran.stdout), ran.status),
        (0, 0),
        "{}",
        ran.stderr
    );
    send(&server.url()).stdin("{\"new\":1}\n").check("", "", 0);
    let ran = recv(&server, &["--until-end"]).run();
    assert_eq!(bare(&ran.stdout), ["{\"new\":1}"], "{}", ran.stderr);
    // Another group begins anew.
    let ran = recv(&server, &["--until-end", "--group", "other"]).run();
    assert_eq!(newlines(&ran.stdout), 2_001, "{}", ran.stderr);
}

#[test]
fn a_stream_of_others_is_read_too() {
    let server = Server::new();
    server.ask(async |context| {
        Server::strange(&context, "LOGS", "app.>").await;
        for text in ["{\"a\":1}", "no record", "{\"a\":2}"] {
            let sent = context.publish("app.web", text.into()).await;
            sent.expect("sent").await.expect("taken");
        }
    });
    let ran = recv(&server, &["--until-end", "--no-stamp", "--stats"]).run();
    assert_eq!(ran.stdout, b"{\"a\":1}\n{\"a\":2}\n");
    told(&ran, "3 read, 2 written, 0 filtered, 1 rejected");
    told(&ran, "app.web: message 2");
}

#[test]
fn a_server_that_goes_and_comes_back_is_read_on() {
    let mut server = Server::new();
    let text = records(3_000);
    let (first, second) = text.split_at(text.len() / 2);
    let at = first.rfind('\n').expect("lines") + 1;
    let (first, second) = (
        &first[..at],
        text[at..].to_owned() + &second[second.len()..],
    );
    send(&server.url()).stdin(first).check("", "", 0);
    let receiver = recv(&server, &["--lease", "2s"]).start();
    let mut lines: Vec<u8> = Vec::new();
    for _ in 0..newlines(first.as_bytes()) {
        lines.extend(receiver.line().into_bytes());
    }
    server.stop();
    server.start();
    send(&server.url()).stdin(&second).check("", "", 0);
    for _ in 0..newlines(second.as_bytes()) {
        lines.extend(receiver.line().into_bytes());
    }
    assert!(bare(&lines) == sorted(&text));
    receiver.signal(Signal::TERM);
    let ran = receiver.end();
    assert_eq!(
        (newlines(&ran.stdout), ran.status),
        (0, 0),
        "{}",
        ran.stderr
    );
    told(&ran, "there again");
}

/// What the server knows of those that read the stream.
pub(super) fn consumers(server: &Server) -> Vec<async_nats::jetstream::consumer::Info> {
    server.ask(async |context| {
        let stream = context.get_stream("LOGS").await.expect("the stream");
        stream.consumers().try_collect().await.unwrap_or_default()
    })
}

/// A worker: dl-recv and the dl-tree behind it.
struct Worker {
    receiver: Kill,
    tree: Kill,
}

impl Worker {
    fn start(server: &Server, output: &std::path::Path) -> Self {
        let args = ["--workers", "2", "--lease", "2s"];
        let mut receiver = recv(server, &args).command;
        let words = fs::File::create(output.with_extension("words")).expect("a file");
        receiver
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(words);
        let mut receiver = Kill(receiver.spawn().expect("it starts"));
        let mut tree = program("dl-tree").command;
        tree.stdin(receiver.0.stdout.take().expect("a pipe"))
            .stdout(fs::File::create(output).expect("a file"));
        let tree = Kill(tree.spawn().expect("it starts"));
        Self { receiver, tree }
    }
}

/// Trees by their id, without what was stamped on their records; of several of an id the one with
/// the most records.
fn trees(texts: &[String]) -> BTreeMap<String, Value> {
    let mut trees: BTreeMap<String, Value> = BTreeMap::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        let mut tree: Value = serde_json::from_str(line).expect("JSON");
        strip(&mut tree);
        let id = tree["tree"].as_str().expect("an id").to_owned();
        let count = |tree: &Value| tree["records"].as_u64().unwrap_or_default();
        if trees
            .get(&id)
            .is_none_or(|other| count(other) < count(&tree))
        {
            trees.insert(id, tree);
        }
    }
    trees
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Object(dl)) = object.get_mut("dl") {
                dl.remove("recv");
            }
            if object
                .get("dl")
                .is_some_and(|dl| dl.as_object().is_some_and(serde_json::Map::is_empty))
            {
                object.remove("dl");
            }
            object.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Two workers read a stream, one of them is killed in the middle; what is made in the end.
fn one_of_two_is_killed(kills_tree: bool) {
    let server = Server::new();
    let dir = Dir::new();
    let text = records(12_000);
    let expect = program("dl-tree").stdin(&text).output();
    let expect = trees(&[String::from_utf8(expect).expect("text")]);
    assert_eq!(expect.len(), 2_400);
    let mut sender = send(&server.url())
        .args(&["--partitions", "8", "--batch", "500"])
        .start();
    let (first, second) = text.split_at(text.len() / 2);
    sender.write(first);
    let outputs = ["a", "b"].map(|name| dir.path(&format!("{name}.ndjson")));
    wait_for("some records", || server.count() > 2_000);
    let [mut killed, mut other] = [0, 1].map(|which| Worker::start(&server, &outputs[which]));
    let words = |which: usize| {
        fs::read_to_string(outputs[which].with_extension("words")).unwrap_or_default()
    };
    // Each has read some of what is its own.
    wait_for("workers that read", || {
        let consumers = consumers(&server);
        let read = consumers
            .iter()
            .filter(|one| one.ack_floor.stream_sequence > 0);
        read.count() == 8
    });
    if kills_tree {
        killed.tree.0.kill().expect("it runs");
    }
    killed.receiver.0.kill().expect("it runs");
    wait_for_end(&mut killed.receiver);
    wait_for_end(&mut killed.tree);
    sender
        .stdin
        .as_mut()
        .expect("a pipe")
        .write_all(second.as_bytes())
        .expect("a reader");
    drop(sender.stdin.take());
    assert_eq!(sender.end().status, 0);
    wait_for("everything to be read", || {
        let consumers = consumers(&server);
        let read = consumers
            .iter()
            .filter(|one| one.num_pending == 0 && one.num_ack_pending == 0);
        read.count() == 8
    });
    let pid = rustix::process::Pid::from_child(&other.receiver.0);
    rustix::process::kill_process(pid, Signal::TERM).expect("it runs");
    assert_eq!(wait_for_end(&mut other.receiver), 0, "{}", words(1));
    assert_eq!(wait_for_end(&mut other.tree), 0);
    assert!(words(1).contains("taken over"), "{}", words(1));
    let texts = outputs.map(|path| fs::read_to_string(path).expect("a file"));
    assert!(
        texts[1].contains("\"replayed\":true"),
        "what comes again is marked"
    );
    let [_, survivor] = &texts;
    let marked = survivor
        .lines()
        .filter(|line| line.contains("\"replayed\":true"));
    assert!(marked.count() < 2_400, "only what comes again is marked");
    if kills_tree {
        assert_eq!(texts[0], "");
    }
    let made = trees(&texts);
    assert!(made == expect, "{} trees, not {}", made.len(), expect.len());
}

#[test]
fn trees_are_those_of_one_process_when_a_worker_is_killed() {
    one_of_two_is_killed(true);
}

#[test]
fn trees_that_were_cut_short_give_way_to_whole_ones() {
    one_of_two_is_killed(false);
}
