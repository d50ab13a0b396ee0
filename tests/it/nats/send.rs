//! dl-send to a stream: what is acknowledged is there, once, in the partition of its request.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    thread,
    time::Duration,
};

use sha2::{Digest, Sha256};
use twox_hash::XxHash64;

use super::{Server, records, send, sorted};
use crate::{
    certificates,
    cut::Cut,
    support::{Dir, killed_ten_times, wait_for},
};

#[test]
fn a_record_is_a_message_in_the_partition_of_its_request() {
    let server = Server::new();
    let mut text = records(2_000);
    text += "{\"message\":\"of no request\"}\n";
    let sum = "dl-send: 2001 read, 2001 written, 0 filtered, 0 rejected\n";
    let args = ["--partitions", "5", "--stats", "--batch", "300"];
    send(&server.url())
        .args(&args)
        .stdin(&text)
        .check("", sum, 0);
    let messages = server.messages();
    assert_eq!(messages.len(), 2_001);
    let mut requests: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for message in &messages {
        let line = std::str::from_utf8(&message.text).expect("text");
        let request = line.split("\"task_uuid\":\"").nth(1);
        let request = request.and_then(|rest| rest.split('"').next());
        let hash = XxHash64::oneshot(0, request.unwrap_or(line).as_bytes());
        assert_eq!(message.subject, format!("distlog.LOGS.{}", hash % 5 + 1));
        let digest = Sha256::digest(line.as_bytes());
        let id: Vec<_> = digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let id = id.concat();
        assert_eq!(message.id, id);
        let subjects = requests.entry(request.unwrap_or_default().to_owned());
        subjects.or_default().insert(message.subject.clone());
    }
    assert!(requests.values().all(|subjects| subjects.len() == 1));
    let used: BTreeSet<_> = requests.values().flatten().collect();
    assert_eq!(used.len(), 5, "{used:?}");
    assert_eq!(server.lines(), sorted(&text));
    // A second time nothing is added, and how many partitions there are is known.
    let known = format!("dl-send: {}: 2001 records there already\n", server.url());
    send(&server.url()).stdin(&text).check("", &known, 0);
    assert_eq!(server.count(), 2_001);
    let words = format!(
        "dl-send: {}: the stream LOGS has 5 partitions, not 4\n",
        server.url()
    );
    let ran = send(&server.url()).args(&["--partitions", "4"]);
    ran.stdin(&text).check("", &words, 2);
}

#[test]
fn a_stream_is_made_with_the_limits_that_are_asked_for() {
    let server = Server::new();
    let place = server.url() + "?max_age=2h&max_bytes=50MB";
    send(&place).stdin("{\"a\":1}\n").check("", "", 0);
    let config = server.ask(async |context| {
        let stream = context.get_stream("LOGS").await.expect("the stream");
        stream.cached_info().config.clone()
    });
    assert_eq!(config.max_age, Duration::from_secs(7_200));
    assert_eq!(config.max_bytes, 50_000_000);
    assert_eq!(config.subjects.len(), 16);
}

#[test]
fn a_server_that_goes_and_comes_back_gets_everything() {
    let mut server = Server::new();
    let text = records(6_000);
    let mut sender = send(&server.url()).args(&["--batch", "100"]).start();
    let (first, second) = text.split_at(text.len() / 2);
    sender.write(first);
    wait_for("some records", || server.count() > 500);
    server.stop();
    // What the pipe does not take waits until the server is there again.
    let mut stdin = sender.stdin.take().expect("a pipe");
    let second = second.to_owned();
    let writer = thread::spawn(move || stdin.write_all(second.as_bytes()));
    server.start();
    writer.join().expect("a thread").expect("a reader");
    let ran = sender.end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("there again"), "{}", ran.stderr);
    assert!(server.lines() == sorted(&text));
}

#[test]
fn nothing_is_lost_and_nothing_is_there_twice_when_the_network_is_cut() {
    let server = Server::new();
    let cut = Cut::new(([127, 0, 0, 1], server.port).into(), 5, 150_000);
    let place = format!("nats://127.0.0.1:{}/LOGS", cut.address.port());
    let text = records(5_000);
    let args = ["--batch", "200", "--stats"];
    let ran = send(&place).args(&args).stdin(&text).run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("trying again\n"), "{}", ran.stderr);
    let sum = "5000 read, 5000 written, 0 filtered, 0 rejected";
    assert!(ran.stderr.contains(sum), "{}", ran.stderr);
    assert!(cut.is_done());
    assert!(server.lines() == sorted(&text));
}

#[test]
fn kill_9_loses_nothing_and_doubles_nothing() {
    let server = Server::new();
    let dir = Dir::new();
    let text = records(5_000);
    let input = dir.file("in.ndjson", &text);
    let start = |rest: &std::path::Path| {
        let sender = send(&server.url()).args(&["--batch", "200", "--spool"]);
        sender.arg(dir.path("spool")).arg(rest).start()
    };
    killed_ten_times(|| start(&input));
    // What is in the spool goes by itself.
    let nothing = dir.file("nothing", "");
    let ran = start(&nothing).end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let all = sorted(&text);
    let some = server.lines();
    let first = sorted(&text.lines().take(some.len()).collect::<Vec<_>>().join("\n"));
    assert!(some == first, "what is there is the beginning");
    let ran = start(&input).end();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(server.lines() == all);
}

#[test]
fn what_is_too_large_is_rejected_and_holds_nothing_up() {
    let server = Server::with("max_payload: 4096");
    let dir = Dir::new();
    let large = format!("{{\"large\":\"{}\"}}\n", "x".repeat(5_000));
    let text = records(100) + &large + "{\"last\":1}\n";
    let ran = send(&server.url())
        .args(&["--stats", "--rejects"])
        .arg(dir.path("rejects"))
        .stdin(&text)
        .run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let sum = "102 read, 101 written, 0 filtered, 1 rejected";
    assert!(ran.stderr.contains(sum), "{}", ran.stderr);
    assert!(ran.stderr.contains("max payload"), "{}", ran.stderr);
    let rejects = fs::read_to_string(dir.path("rejects")).expect("a file");
    assert_eq!(rejects, large);
    assert_eq!(server.lines(), sorted(&text.replace(&large, "")));
}

#[test]
fn who_we_are_is_told_by_the_environment_and_never_by_the_command_line() {
    let server = Server::with("authorization { user: ada, password: lovelace }");
    let told = send(&server.url()).env("NATS_USER", "ada");
    let told = told.env("NATS_PASSWORD", "lovelace").stdin("{\"a\":1}\n");
    told.check("", "", 0);
    let place = format!("nats://ada@127.0.0.1:{}/LOGS", server.port);
    let named = send(&place).env("NATS_PASSWORD", "lovelace");
    named.stdin("{\"a\":2}\n").check("", "", 0);
    let ran = send(&server.url()).stdin("{\"a\":3}\n").run();
    assert_eq!(ran.status, 2);
    assert!(
        ran.stderr.contains("authorization violation"),
        "{}",
        ran.stderr
    );
    let token = Server::with("authorization { token: secret }");
    let told = send(&token.url()).env("NATS_TOKEN", "secret");
    told.stdin("{\"a\":1}\n").check("", "", 0);
    // The key of a user in the terms of NATS, made for this test.
    let seed = "SUAB3CWSQMBZYOGSANVJ2CAIJALD3TCXXWHIGENCFSZFRTGFNQUKULEM34";
    let key = "UAQAPO3WH36GF2R2RERUYLDUPLHQYX2GRWLUUVSFX7EHWKUOJTTGBLIZ";
    let dir = Dir::new();
    let file = dir.file("key", format!("{seed}\n"));
    let server = Server::with(&format!("authorization {{ users: [ {{ nkey: {key} }} ] }}"));
    let told = send(&server.url()).env("NATS_NKEY", file.to_str().expect("UTF-8"));
    told.stdin("{\"a\":1}\n").check("", "", 0);
}

#[test]
fn tls_is_spoken_and_the_server_known_by_its_certificate() {
    let dir = Dir::new();
    certificates::write(&dir.path(""));
    let folder = dir.path("");
    let folder = folder.to_str().expect("UTF-8");
    let server = Server::with(&format!(
        "tls {{ cert_file: \"{folder}/server.pem\", key_file: \"{folder}/server.key\", \
         ca_file: \"{folder}/ca.pem\", verify: true }}"
    ));
    let place = server.url().replace("nats:", "nats+tls:");
    let ours = |authority: &str| {
        let sender = send(&place).args(&["--linger", "1s", "--tls-ca"]);
        let sender = sender.arg(dir.path(authority)).arg("--tls-cert");
        let sender = sender.arg(dir.path("client.pem")).arg("--tls-key");
        sender.arg(dir.path("client.key")).stdin("{\"a\":1}\n")
    };
    ours("ca.pem").check("", "", 0);
    let ran = ours("stranger-ca.pem").run();
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("UnknownIssuer"), "{}", ran.stderr);
    let plain = send(&server.url()).args(&["--linger", "1s"]);
    let ran = plain.stdin("{\"a\":1}\n").run();
    assert_eq!(ran.status, 2, "{}", ran.stderr);
}

#[test]
fn what_cannot_be_is_told_at_once() {
    let server = Server::new();
    // A stream of somebody else's.
    server.ask(async |context| Server::strange(&context, "OTHER", "logs.>").await);
    let place = server.url().replace("LOGS", "OTHER");
    let words = format!(
        "dl-send: {place}: the stream OTHER is there and not one of dl-send: \
         it does not take distlog.OTHER.1 and so on\n"
    );
    send(&place).stdin("{}\n").check("", &words, 2);
}
